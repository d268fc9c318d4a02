"""The text of a BVH file: its joints, its channels and its numbers, each mistake with its line."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.schema.errors import DataError

F64 = NDArray[np.float64]

CHANNELS = frozenset(f"{axis}{kind}" for axis in "XYZ" for kind in ("position", "rotation"))

MAX_DIGITS = 9
"""Of a count; no file has a thousand million channels or frames."""

INSIDE = "OFFSET, CHANNELS, JOINT, End Site or }"


class Node(NamedTuple):
    """One joint or end site: its parent's index (-1 for the root), its offset in file units, its channels in order."""

    name: str
    parent: int
    offset: tuple[float, float, float]
    channels: tuple[str, ...]


class Bvh(NamedTuple):
    """A parsed file.

    Attributes:
        nodes: parents before children.
        seconds: per frame, as the file says; 0 where it says nothing usable.
        values: (T, C) the channels of all nodes side by side, file units and degrees.
    """

    nodes: tuple[Node, ...]
    seconds: float
    values: F64


@dataclass
class _Draft:
    """A node of which not everything has been read."""

    name: str
    parent: int
    line: int
    end: bool = False
    offset: tuple[float, float, float] | None = None
    channels: tuple[str, ...] | None = None


@dataclass
class _Words:
    """The words of the text, each with its line, read one after the other."""

    place: str
    words: Sequence[tuple[int, str]]
    at: int = 0
    line: int = field(default=1)

    def take(self, expected: str) -> str:
        """The next word."""
        if self.at >= len(self.words):
            raise self.error("the end of the file", expected, "the file is cut off")
        self.line, word = self.words[self.at]
        self.at += 1
        return word

    def peek(self) -> str:
        """The next word, left where it is; '' at the end."""
        return self.words[self.at][1] if self.at < len(self.words) else ""

    def want(self, word: str) -> None:
        """Take this word and no other."""
        found = self.take(word)
        if found.upper() != word.upper():
            raise self.error(f"'{found[:40]}'", f"'{word}'")

    def number(self, expected: str) -> float:
        """Take a finite number."""
        word = self.take(expected)
        try:
            value = float(word)
        except ValueError:
            raise self.error(f"'{word[:40]}'", expected) from None
        if not np.isfinite(value):
            raise self.error(f"'{word[:40]}'", expected)
        return value

    def count(self, expected: str) -> int:
        """Take a whole number."""
        word = self.take(expected)
        if not (word.isascii() and word.isdigit() and len(word) <= MAX_DIGITS):
            raise self.error(f"'{word[:40]}'", expected)
        return int(word)

    def error(self, found: str, expected: str, hint: str = "") -> DataError:
        """What is wrong at the word taken last."""
        return DataError(f"{self.place}:{self.line}", found, expected, hint)


def parse(place: str, text: str) -> Bvh:
    """Read the text of a BVH file.

    Args:
        place: name of the file, for messages.
        text: all of it.

    Raises:
        DataError: with the line: a broken hierarchy, channels that do not add up, too few or too many frames, a word
            where a number belongs, NaN.
    """
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if line.strip().upper() == "MOTION"), len(lines))
    nodes = _hierarchy(_words(place, lines[:start]))
    if start == len(lines):
        raise DataError(f"{place}:{len(lines)}", "the end of the file", "MOTION", "the file is cut off")
    return _motion(place, lines, start, nodes)


def _words(place: str, lines: Sequence[str]) -> _Words:
    return _Words(place, [(number, word) for number, line in enumerate(lines, 1) for word in line.split()])


def _hierarchy(words: _Words) -> tuple[Node, ...]:
    words.want("HIERARCHY")
    words.want("ROOT")
    drafts: list[_Draft] = []
    stack = [_open(words, drafts, -1)]
    while stack:
        here = drafts[stack[-1]]
        word = words.take(INSIDE)
        if word == "}":
            _close(words, here)
            stack.pop()
        elif word.upper() == "OFFSET":
            _offset(words, here)
        elif word.upper() == "CHANNELS":
            _channels(words, here)
        elif word.upper() == "JOINT" and not here.end:
            stack.append(_open(words, drafts, stack[-1]))
        elif word.upper() == "END" and not here.end:
            words.want("Site")
            stack.append(_open(words, drafts, stack[-1], end=True))
        else:
            raise words.error(f"'{word[:40]}' in {here.name}", "OFFSET or }" if here.end else INSIDE)
    if words.peek():
        raise words.error(f"'{words.take('MOTION')[:40]}' after the root's }}", "MOTION, as a file holds one body")
    return tuple(Node(d.name, d.parent, d.offset or (0.0, 0.0, 0.0), d.channels or ()) for d in drafts)


def _open(words: _Words, drafts: list[_Draft], parent: int, *, end: bool = False) -> int:
    taken = {draft.name for draft in drafts}
    if end:
        name = f"{drafts[parent].name}_End"
        name = next(n for n in (name, *(f"{name}{i}" for i in range(2, len(drafts) + 3))) if n not in taken)
    else:
        name = words.take("a joint's name")
        if name in taken or name == "{":
            found = f"a second joint '{name}'" if name in taken else "'{'"
            raise words.error(found, "a joint's name, each once")
    drafts.append(_Draft(name, parent, words.line, end))
    words.want("{")
    return len(drafts) - 1


def _offset(words: _Words, draft: _Draft) -> None:
    if draft.offset is not None:
        raise words.error(f"a second OFFSET in {draft.name}", "one")
    x, y, z = (words.number("three numbers after OFFSET") for _ in range(3))
    draft.offset = (x, y, z)


def _channels(words: _Words, draft: _Draft) -> None:
    if draft.channels is not None or draft.end:
        raise words.error(f"{'CHANNELS' if draft.end else 'a second CHANNELS'} in {draft.name}", "none here")
    count = words.count("the number of channels")
    expected = f"{count} different names like Xposition or Zrotation, as CHANNELS says"
    names: list[str] = []
    while words.peek().capitalize() in CHANNELS:
        names.append(words.take(expected).capitalize())
    if len(names) != count or len(set(names)) != count:
        raise words.error(f"{len(names)} channels in {draft.name}: {' '.join(names)[:80]}", expected)
    draft.channels = tuple(names)


def _close(words: _Words, draft: _Draft) -> None:
    missing = "OFFSET" if draft.offset is None else "CHANNELS" if draft.channels is None and not draft.end else ""
    if missing:
        raise words.error(f"'}}' without {missing} in {draft.name} (opened in line {draft.line})", missing)


def _motion(place: str, lines: list[str], start: int, nodes: tuple[Node, ...]) -> Bvh:
    rows = [(number, line) for number, line in enumerate(lines[start + 1 :], start + 2) if line.strip()]
    words = _Words(place, [(number, word) for number, line in rows[:2] for word in line.split()], line=start + 1)
    words.want("Frames:")
    count = words.count("the number of frames")
    announced = words.line
    words.want("Frame")
    words.want("Time:")
    seconds = words.number("the seconds of one frame")
    if words.peek():
        raise words.error(f"'{words.peek()[:40]}'", "the first frame on its own line")
    frames = rows[2:]
    if len(frames) != count:
        hint = "the file is cut off" if len(frames) < count else ""
        raise DataError(f"{place}:{len(lines)}", f"{len(frames)} frames", f"{count}, as line {announced} says", hint)
    return Bvh(nodes, seconds, _values(place, frames, nodes))


def _values(place: str, frames: Sequence[tuple[int, str]], nodes: tuple[Node, ...]) -> F64:
    channels = [f"{node.name} {channel}" for node in nodes for channel in node.channels]
    values = np.empty((len(frames), len(channels)))
    for row, (number, line) in enumerate(frames):
        words = line.split()
        if len(words) != len(channels):
            raise DataError(f"{place}:{number}", f"{len(words)} numbers", f"{len(channels)}, one for each channel")
        try:
            values[row] = [float(word) for word in words]
        except ValueError:
            wrong = next(i for i, word in enumerate(words) if not _is_number(word))
            found = f"'{words[wrong][:40]}' for {channels[wrong]}"
            raise DataError(f"{place}:{number}", found, "a number") from None
        if not np.isfinite(values[row]).all():
            wrong = int(np.argmin(np.isfinite(values[row])))
            raise DataError(f"{place}:{number}", f"{words[wrong][:40]} for {channels[wrong]}", "a finite number")
    return values


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
