"""Recordings of pianos for a model of touch: which files, which of them train, which choose, which test.

A set is named (`piano`, `asap`, `miditest`) or is any folder of .mid files. `piano` is what may be shipped:
piano-midi.de, sequenced by hand, and GiantMIDI-Piano, transcribed from recordings. Several movements that GiantMIDI
cut from one recording, and the previews of the whole, stay in one part.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.families import _touch
from engine.midi import file as midi_file
from engine.schema.errors import DataError
from engine.schema.note import Note, Score
from export.data.place import locate

SUFFIXES = (".mid", ".midi")

FEWEST = 50
"""Notes below which a file says nothing about how a piece is played."""

PARTS = ("train", "validation", "test")

SHARES = (0.8, 0.1, 0.1)
"""Of the recordings of a set, for the three parts."""

VIDEO = re.compile(r"[_ ]([A-Za-z0-9_-]{11})(?=_cut|_mov|_no|_part|_midi|_a$|$)")
"""The recording that a file of GiantMIDI is from, in its name."""


@dataclass(frozen=True)
class Source:
    """A folder of the data: its place, how it is named, and what may be done with it."""

    name: str
    folder: str
    licence: str
    credit: str


MIDI_DE = Source(
    "piano-midi.de",
    "piano_midi/piano-midi.de_cc-by-sa",
    "CC BY-SA 3.0 DE",
    "Piano MIDI files by Bernd Krueger, www.piano-midi.de, CC BY-SA 3.0 DE",
)
GIANT = Source("GiantMIDI", "piano_midi/giantmidi_cc-by", "CC BY 4.0", "GiantMIDI-Piano, ByteDance, CC BY 4.0")
ASAP = Source(
    "ASAP", "piano_midi/TEST_ONLY_asap30_cc-by-nc-sa", "CC BY-NC-SA 4.0", "ASAP dataset, F. Foscarin and others"
)
MIDITEST = Source("MIDItest", "piano_midi/miditest_cc-by", "CC BY 4.0", "MIDItest, A. S. Koepke and others, CC BY 4.0")

SETS = {"piano": (MIDI_DE, GIANT), "asap": (ASAP,), "miditest": (MIDITEST,)}


@dataclass(frozen=True, eq=False)
class Piece:
    """One recording.

    Attributes:
        name: of the file.
        source: of the set it is from.
        events: (E, 3) int64: moment (ns), kind, key or pedal; see `engine.families._touch`.
        velocities: (N,) float32 of the keys that go down, in the same order.
    """

    name: str
    source: str
    events: NDArray[np.int64]
    velocities: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.velocities)


class Parts(NamedTuple):
    """Pieces for the three purposes."""

    train: tuple[Piece, ...]
    validation: tuple[Piece, ...]
    test: tuple[Piece, ...]


@dataclass(frozen=True, eq=False)
class Library:
    """What was read of a set.

    Attributes:
        pieces: in the order of their names, set by set.
        left_out: why a file is not here, by its place in its folder.
        licence: of all of them.
        credit: likewise.
    """

    pieces: tuple[Piece, ...]
    left_out: dict[str, str]
    licence: str
    credit: str

    @property
    def missing(self) -> list[str]:
        """How many files were left out, and why each of them; nothing where all are here."""
        return [f"{len(self.left_out)} files left out", *self.left_out.values()] if self.left_out else []


def load(name: str) -> Library:
    """Read a set by its name, or a folder of .mid files, folders within it too; those that teach nothing are left out.

    Raises:
        DataError: nothing there, or nothing readable.
    """
    sources = SETS.get(name) or (Source(Path(name).name or name, name, "", ""),)
    pieces: list[Piece] = []
    left_out: dict[str, str] = {}
    for source in sources:
        folder = locate(source.folder)
        for path in _files(folder):
            try:
                pieces.append(piece(midi_file.read(path), path.name, source.name))
            except DataError as error:
                left_out[path.relative_to(folder).as_posix()] = str(error)
    if not pieces:
        found, why = f"no readable piece ({len(left_out)} left out)", next(iter(left_out.values()), "")
        raise DataError(name, found, ".mid files with velocities", why)
    texts = ((source.licence, source.credit) for source in sources)
    licences, credits_ = zip(*texts, strict=True)
    return Library(tuple(pieces), left_out, " and ".join(filter(None, licences)), "; ".join(filter(None, credits_)))


def piece(score: Score, name: str, source: str) -> Piece:
    """A score as numbers, under the name of its file.

    Raises:
        DataError: too few notes, or all of one velocity, as in a score that nobody played.
    """
    struck = [t.event.velocity for t in score.events if isinstance(t.event, Note) and t.event.velocity]
    if len(struck) < FEWEST:
        raise DataError(name, f"{len(struck)} notes", f"at least {FEWEST}")
    if len(set(struck)) == 1:
        raise DataError(name, f"velocity {struck[0]} for every key", "velocities that somebody played")
    return Piece(name, source, _touch.coded(score.events), np.array(struck, np.float32))


def split(pieces: Sequence[Piece]) -> Parts:
    """Divide pieces 80 / 10 / 10 within each set, by a number from their names; one recording stays in one part."""
    chosen: dict[str, str] = {}
    for source in sorted({one.source for one in pieces}):
        groups = sorted({group(one.name) for one in pieces if one.source == source}, key=_order)
        ends = np.round(np.cumsum(SHARES) * len(groups)).astype(int)
        chosen |= {
            f"{source} {name}": PARTS[int(np.searchsorted(ends, place, "right"))] for place, name in enumerate(groups)
        }
    return Parts(*(tuple(one for one in pieces if chosen[f"{one.source} {group(one.name)}"] == part) for part in PARTS))


def group(name: str) -> str:
    """What stays together: the recording that GiantMIDI cut a file from, else the file."""
    stem = Path(name).stem
    found = VIDEO.search(stem)
    return found[1] if found else stem


def digest(parts: Parts) -> str:
    """SHA-256 of which pieces, with how many notes, are in which part: the same split, the same digest."""
    lines = [
        f"{part} {one.source} {one.name} {len(one)}"
        for part, pieces in zip(PARTS, parts, strict=True)
        for one in sorted(pieces, key=lambda one: (one.source, one.name))
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _order(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _files(folder: Path) -> Iterable[Path]:
    if folder.is_file():
        return [folder]
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
