"""What a take holds, told by reading all of it."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from engine.schema.errors import DataError
from engine.takes.reader import Take
from engine.takes.scan import RECOVER
from engine.takes.values import TOPICS, Asked, Header, Taken, Topic


class Gap(NamedTuple):
    """Frames that are missing between two that are there.

    Attributes:
        after: number of the frame before them.
        missing: how many.
    """

    after: int
    missing: int


class Facts(NamedTuple):
    """What a take holds.

    Attributes:
        path: of the file.
        size: bytes.
        header: the description.
        counts: records of each topic.
        seconds: from its first frame to the end of its last.
        sequences: numbers of its first and its last frame; None without frames.
        performers: numbers of all who are in it, rising.
        gaps: deadlines that were skipped, or frames that were dropped.
        controls: accepted requests by their address.
        damage: why it is not whole; '' where it is.
        pictures: frames that have one.
        latent: numbers that each of them was decoded from; 0: from none.
        signals: numbers of each signal that there ever was, by its name.
        signs: how often each sign was recognised, the first one first.
    """

    path: Path
    size: int
    header: Header
    counts: Mapping[Topic, int]
    seconds: float
    sequences: tuple[int, int] | None
    performers: tuple[int, ...]
    gaps: tuple[Gap, ...]
    controls: Mapping[str, int]
    damage: str
    pictures: int = 0
    latent: int = 0
    signals: Mapping[str, int] = MappingProxyType({})
    signs: Mapping[str, int] = MappingProxyType({})

    @property
    def frames(self) -> int:
        """How many there are."""
        return self.counts.get("/frames", 0)

    @property
    def again(self) -> str:
        """Why the show cannot be played again from its journal; '' where it can."""
        if not self.frames or not self.performers:
            return "nobody dances in it"
        if not self.header.journal or not self.counts.get("/journal"):
            return "its journal does not reach back to the show's beginning"
        return ""


def gather(path: Path) -> Facts:
    """Read a take to its end, or to where it is damaged.

    Raises:
        DataError: it is no take.
    """
    take = Take(path)
    counts: Counter[Topic] = Counter()
    controls: Counter[str] = Counter()
    signals, signs = dict[str, int](), Counter[str]()
    performers: set[int] = set()
    gaps: list[Gap] = []
    first, last, damage, pictures, latent = None, -1, "", 0, 0
    try:
        for record in take.records():
            counts[TOPICS[type(record)]] += 1
            if isinstance(record, Asked):
                controls[record.address] += 1
            elif isinstance(record, Taken):
                number = record.frame.sequence
                performers.update(record.frame.performers)
                signals.update((signal.name, len(signal.values)) for signal in record.frame.signals)
                signs.update(label.word for label in record.frame.labels)
                if (image := record.frame.image) is not None:
                    pictures += 1
                    latent = 0 if image.latent is None else len(image.latent)
                if first is None:
                    first = number
                elif number > last + 1:
                    gaps.append(Gap(last, number - last - 1))
                last = number
    except DataError as error:
        damage = told(error, path)
    return Facts(
        path=path,
        size=path.stat().st_size,
        header=take.header,
        counts=counts,
        seconds=0.0 if first is None else (last + 1 - first) / take.header.fps,
        sequences=None if first is None else (first, last),
        performers=tuple(sorted(performers)),
        gaps=tuple(gaps),
        controls=controls,
        damage=damage or take.damage,
        pictures=pictures,
        latent=latent,
        signals=signals,
        signs=signs,
    )


def told(error: DataError, path: Path) -> str:
    """Where in a file something is wrong, and what."""
    return f"{error.place.removeprefix(f'{path}: ')}: {error.found}"


def whole(path: Path) -> Facts:
    """Read a take that has to be whole.

    Raises:
        DataError: it is no take, or it is damaged.
    """
    facts = gather(path)
    if facts.damage:
        raise DataError(str(path), facts.damage, "a whole take", RECOVER)
    return facts
