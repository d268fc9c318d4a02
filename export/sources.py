"""The sets of recordings that recipes name, split as they always are."""

from engine.schema.errors import DataError
from export.data import cmu, points
from export.data.core20 import CORE20
from export.data.place import locate
from export.data.splits import Split, split
from export.data.transform import retarget

SEED_FILE = "seed_dance55/dance.npy"


def load(source: str) -> Split:
    """The clips of `cmu` (all on the body of 20 joints) or `seed55`, split by whole clips or in time.

    Raises:
        DataError: the files are not there or not readable, or the name is unknown.
    """
    if source == "cmu":
        return split([retarget(clip, CORE20) for clip in cmu.read()])
    if source == "seed55":
        return split([points.read(locate(SEED_FILE))])
    raise DataError("data.source", f"'{source}'", "cmu or seed55")


def genres(parts: Split) -> tuple[str, ...]:
    """The genres of the training clips, sorted; one nameless genre where nobody says."""
    return tuple(sorted({clip.genre for clip in parts.train}))
