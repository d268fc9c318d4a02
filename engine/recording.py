"""A show's recorder: what is recorded, where to, and what the files say of themselves."""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from engine import __version__, identity
from engine.bill import Billed
from engine.runtime.played import Played as Rows
from engine.runtime.played import dancing
from engine.runtime.recorder import Recorder
from engine.runtime.recording import Recording
from engine.runtime.reel import Reel, room
from engine.runtime.scribe import Opening, Scribe
from engine.schema.controls import Control
from engine.schema.errors import ConfigError
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.show import Takes
from engine.schema.skeleton import Skeleton
from engine.side import Desktop
from engine.takes.frames import FrameWriter
from engine.takes.values import Header, Played

HELD = 2.0
"""Seconds of frames that wait for the disk at most."""

MB = 1_000_000


class Recorders(NamedTuple):
    """A show's recorder.

    Attributes:
        recorder: its half in the show's threads.
        recording: the thread that writes.
    """

    recorder: Recorder
    recording: Recording


def open_recorders(
    desk: Desktop, table: Mapping[str, Control], skeleton: Skeleton | None, opened: ExitStack
) -> Recorders:
    """What records a show once the knob `record` stands at 1.

    Args:
        desk: what everything that steers needs.
        table: the knobs of its board.
        skeleton: of the bodies; None where there are none.
        opened: closes what is opened here.

    Raises:
        ConfigError: the show is to be recorded from its first frame on, and the folder cannot be written.
    """
    takes = desk.show.takes
    if takes.record:
        make_folder(takes)
    knobs = () if skeleton is None else dancing(table)
    size = next((each.loaded.spec.image for each in desk.bill.acts if each.loaded.spec.image is not None), None)
    played = None if skeleton is None else Rows(desk.board.played, table)
    recorder = Recorder(
        Reel(room(HELD, desk.fps, size)),
        switch=desk.board.values("record"),
        played=played,
        writer=FrameWriter(skeleton, MAX_PERFORMERS, len(knobs)),
    )
    desk.journal.listener = recorder.log
    scribe = Scribe(
        recorder,
        Path(takes.folder),
        header=lambda opening: _header(desk, opening, skeleton, knobs),
        clock=desk.clock,
        journal=desk.journal,
        rotate=takes.rotate * MB,
        say=desk.say,
    )
    recording = Recording(scribe)
    opened.callback(recording.close)
    return Recorders(recorder, recording)


def make_folder(takes: Takes) -> None:
    """Make the folder of a show's takes, if it is missing.

    Raises:
        ConfigError: it cannot be made, or not be written.
    """
    folder = Path(takes.folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, error.strerror or str(error)) from error
    check_folder(takes)


def check_folder(takes: Takes) -> None:
    """See whether takes can be written, and leave everything as it is.

    Raises:
        ConfigError: they cannot.
    """
    folder = Path(takes.folder)
    nearest = next((each for each in (folder, *folder.parents) if each.exists()), Path())
    if not nearest.is_dir():
        raise _unusable(folder, "there is a file of that name")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise _unusable(folder, "it cannot be written")


def _unusable(folder: Path, why: str) -> ConfigError:
    return ConfigError("takes.folder", f"'{folder}': {why}", "a folder that can be written")


def _header(desk: Desktop, opening: Opening, skeleton: Skeleton | None, knobs: Sequence[str]) -> Header:
    """What a file says of the show."""
    acts = desk.bill.acts
    return Header(
        name=acts[0].cast.name,
        engine=__version__,
        build=identity.build(),
        machine=identity.machine(),
        started=opening.started,
        fps=desk.fps,
        seed=desk.show.settings.seed,
        show=desk.show,
        models=tuple(map(_played, acts)),
        skeleton=skeleton,
        first=opening.first,
        number=opening.number,
        knobs=tuple(knobs),
        journal=opening.journal,
    )


def _played(billed: Billed) -> Played:
    loaded = billed.loaded
    return Played(part=billed.part, model=billed.cast.model, sha256=loaded.sha256, spec=loaded.spec)
