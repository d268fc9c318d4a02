"""The sets of recordings that recipes name, split as they always are, and recordings of one's own."""

from engine.motion.core20 import CORE20
from engine.schema.errors import DataError
from export.data import cmu, folder, points
from export.data.clip import Clip
from export.data.place import locate
from export.data.splits import Split, split
from export.data.transform import conform, retarget

SEED_FILE = "seed_dance55/dance.npy"

FPS = 30.0
"""Frames per second of every model of the body of 20 joints."""

SHORTEST = 4.0
"""Seconds of the longest training clip: a start of two seconds is cut from its middle, and jumps need room to land."""


def load(source: str) -> Split:
    """The clips of `cmu` (all on the body of 20 joints), of `seed55`, or of a file or folder of recordings.

    They are split by whole clips or in time.

    Raises:
        DataError: the files are not there or not readable, not of one body, or too short.
    """
    if source == "cmu":
        return split([retarget(clip, CORE20) for clip in cmu.read()])
    if source == "seed55":
        return split([points.read(locate(SEED_FILE))])
    parts = split(own(source))
    if not parts.train:
        raise DataError(source, "only clips that are always held out", "some to train on as well")
    longest = max(parts.train, key=len)
    if len(longest) < SHORTEST * longest.fps:
        found = f"{len(longest) / longest.fps:.1f} s to train on in the longest clip"
        raise DataError(source, found, f"at least {SHORTEST:g} s")
    return parts


def own(path: str) -> list[Clip]:
    """Recordings of any known kind on one body: that of 20 joints where they give it, else the first clip's own.

    Raises:
        DataError: nothing there, something unreadable, or clips of several bodies.
    """
    clips = folder.read(path)
    first = clips[0]
    if first.skeleton.names == CORE20.names:
        return conform(clips, CORE20, FPS)
    return conform(clips, first.skeleton, first.fps)


def genres(parts: Split) -> tuple[str, ...]:
    """The genres of the training clips, sorted; one nameless genre where nobody says."""
    return tuple(sorted({clip.genre for clip in parts.train}))
