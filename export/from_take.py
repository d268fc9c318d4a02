"""A take as the formats of other programs want it: frames at an even pace, everybody with the same number of them."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.motion.rig import make_rig
from engine.schema.errors import ConfigError, DataError
from engine.schema.frame import Frame
from engine.schema.note import Note, Pedal, Timed
from engine.takes.reader import Take
from engine.takes.values import Header, Struck, Taken
from export.album import Album
from export.data.clip import check_fps
from export.lengths import SECOND
from export.recording import Performance, Recording, Signed
from export.reel import Reel

Mask = NDArray[np.bool_]

LONGEST = 24 * 3600
"""Seconds between the first and the last frame."""


class Read(NamedTuple):
    """What was read of a take.

    Attributes:
        recording: what was performed.
        warning: a line for people where the take ends before its end; '' where it is whole.
        seen: (T,) which frames stand in the take; a deadline that was skipped left a gap, which holds the nearest one.
    """

    recording: Recording
    warning: str
    seen: Mask


class _Span(NamedTuple):
    """The frames that are wanted.

    Attributes:
        first: number of the first.
        length: T.
        at: nanoseconds from the show's beginning to the first.
    """

    first: int
    length: int
    at: int


def recording(
    path: Path,
    *,
    start: float | None = None,
    stop: float | None = None,
    performer: int | None = None,
    pictures: bool = False,
) -> Read:
    """Read a take, or a part of it.

    Rotations that were not solved in the show are solved now, where the skeleton allows it. Of a take that a crash
    ended there is what was recorded before.

    Args:
        path: the file.
        start: seconds after the take's first frame; None: from there on.
        stop: likewise, the end; None: the take's own.
        performer: number of the only one that is wanted; None: all.
        pictures: whether the pictures are wanted where there are bodies or keys too; where there are none, they are.

    Raises:
        DataError: it is no take, its bytes are damaged, it has nothing to show, or it is too large for the memory.
        ConfigError: a time or a performer that it does not have.
    """
    with Take(path) as take:
        header = take.header
        check_fps(str(path), header.fps)
        album = _album(path, header, performer, pictures=pictures)
        span = _part(path, header.fps, _whole(take), start, stop)
        seen, performers, strokes, signs = _played(take, span, performer, album)
        warning = f"{path}: {take.damage}; what was recorded before is here" if take.damage else ""
    shown = None if album is None else album.pictures(header.name)
    if not seen.any() and not strokes:
        raise DataError(str(path), "no frame in the time that is wanted", "at least one")
    if performer is not None and not performers:
        raise ConfigError(f"{path}: performer", str(performer), "the number of one who is there in that time")
    found = Recording(
        name=header.name,
        fps=header.fps,
        skeleton=None if album else header.skeleton,
        rig=None if album or header.skeleton is None else make_rig(header.skeleton),
        performers=performers,
        notes=notes(strokes, span.at, None if stop is None else round(span.length / header.fps * SECOND)),
        frames=span.length,
        credit=_each(model.spec.credit for model in header.models),
        licence=_each(model.spec.licence for model in header.models),
        made=f"figurant {header.engine}: take {path.name}, seed {header.seed}",
        pictures=shown,
        signs=signs,
    )
    return Read(found, warning, seen)


def _album(path: Path, header: Header, performer: int | None, *, pictures: bool) -> Album | None:
    """Where pictures are put, if these are wanted.

    Raises:
        ConfigError: there are none, or one performer is wanted beside them.
    """
    if header.size is None:
        if pictures:
            raise ConfigError(
                "--pictures", f"a take without pictures, '{path}'", "one of a show with an act of pictures"
            )
        return None
    if not pictures and any(played.part != "images" for played in header.models):
        return None
    if performer is not None:
        raise ConfigError("--performer", str(performer), "no performer, as pictures are wanted")
    return Album(str(path), header.size)


def _played(
    take: Take, span: _Span, performer: int | None, album: Album | None
) -> tuple[Mask, tuple[Performance, ...], list[Struck], tuple[Signed, ...]]:
    """Which frames there are, who danced in them, all notes of the take, and its signs; or the pictures alone."""
    skeleton, fps = take.header.skeleton, take.header.fps
    seen = np.zeros(span.length, np.bool_)
    if album is not None:
        album.begin(span.length)
        for taken in take.frames():
            at = taken.frame.sequence - span.first
            if 0 <= at < span.length and taken.frame.image is not None:
                seen[at] = True
                album.take(at, taken.frame.image)
        return seen, (), [], ()
    reel = None if skeleton is None else Reel(str(take.path), skeleton, fps, span.length)
    strokes: list[Struck] = []
    signs: list[Signed] = []
    for record in take.records("/frames", "/notes"):
        if isinstance(record, Struck):
            strokes.append(record)
        elif isinstance(record, Taken) and 0 <= record.frame.sequence - span.first < span.length:
            at = record.frame.sequence - span.first
            seen[at] = True
            signs += [Signed(round(at / fps * SECOND), label) for label in record.frame.labels]
            if reel is not None:
                reel.take(at, _wanted(record.frame, performer))
    return seen, () if reel is None else reel.performances(seen), strokes, tuple(signs)


def _whole(take: Take) -> _Span:
    """All frames of a take; of one that has only notes, frames until they end."""
    first, last, at, end = -1, -1, 0, -1
    for message in take.messages("/frames", "/notes"):
        if message.topic == "/notes":
            end = message.at
        else:
            first, at, last = (message.sequence, message.at, last) if first < 0 else (first, at, last)
            last = max(last, message.sequence)
    header = take.header
    if first >= 0:
        return _Span(first, last - first + 1, at)
    if end < 0:
        raise DataError(str(take.path), "a take without frames and notes", "something that was performed")
    at = round(header.first / header.fps * SECOND)
    return _Span(header.first, math.ceil(max(end - at, 0) / SECOND * header.fps) + 1, at)


def _part(path: Path, fps: float, whole: _Span, start: float | None, stop: float | None) -> _Span:
    """The frames from `start` on and before `stop`, seconds."""
    seconds = whole.length / fps
    if seconds > LONGEST:
        raise DataError(str(path), f"frames over {seconds:.0f} s", f"at most {LONGEST} s")
    begin, end = start or 0.0, seconds if stop is None else min(stop, seconds)
    if not 0 <= begin < end:
        asked = f"{begin:g} s to {'its end' if stop is None else f'{stop:g} s'}"
        raise ConfigError(str(path), asked, f"a part of its {seconds:.2f} s")
    ahead = min(round(begin * fps), whole.length - 1)
    length = max(min(round(end * fps), whole.length) - ahead, 1)
    return _Span(whole.first + ahead, length, whole.at + round(ahead / fps * SECOND))


def _wanted(frame: Frame, performer: int | None) -> Frame:
    if performer is None:
        return frame
    return frame.only([row for row, number in enumerate(frame.performers) if number == performer])


def notes(strokes: Iterable[Struck], start: int, length: int | None) -> tuple[Timed, ...]:
    """Keys and pedal from `start` on, nanoseconds; what a key did whose beginning lies before is left out.

    Args:
        strokes: in the order of time.
        start: nanoseconds since the show began.
        length: nanoseconds after which nothing is wanted; None: all.
    """
    found: list[Timed] = []
    down: set[int] = set()
    pedal: Pedal | None = None
    for at, event in strokes:
        if length is not None and at >= start + length:
            break
        if at < start:
            pedal = event if isinstance(event, Pedal) else pedal
            continue
        if isinstance(event, Note):
            if not event.velocity and event.number not in down:
                continue
            (down.add if event.velocity else down.discard)(event.number)
        found.append(Timed(at - start, event))
    before = [Timed(0, pedal)] if pedal is not None and pedal.value else []
    return (*before, *found)


def _each(lines: Iterable[str]) -> str:
    """Different lines, in their order, as one."""
    *others, last = dict.fromkeys(line for line in lines if line) or ("",)
    return "; ".join([*(line.rstrip(". ") for line in others), last])
