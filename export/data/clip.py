"""One recording of one body."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from engine.schema.errors import DataError
from engine.schema.frame import F32
from engine.schema.skeleton import Skeleton

Mask = NDArray[np.bool_]

MAX_FPS = 1000.0
"""No camera system for bodies records faster."""


def _no_mask() -> Mask:
    return np.zeros(0, np.bool_)


@dataclass(frozen=True, eq=False, kw_only=True)
class Clip:
    """A recording of one body, and under which terms it may be used.

    Attributes:
        name: what the recording is called, unique within its source.
        positions: (T, J, 3) float32 metres, right-handed, Y up; the floor is y = 0, left is +X when facing +Z.
        fps: frames per second, 0 < fps <= 1000.
        skeleton: the J joints or markers.
        subject: who moves; '' where nobody says.
        genre: what is danced; '' where nobody says.
        licence: under which terms; '' where nobody says.
        credit: line that the licence asks for.
        source: file it came from, for messages.
        valid: (T,) False where the capture failed; left out, every frame is good.

    Raises:
        DataError: the shape does not fit the skeleton, fewer than 2 frames, a NaN or inf, an fps outside its range.
    """

    name: str
    positions: F32
    fps: float
    skeleton: Skeleton
    subject: str = ""
    genre: str = ""
    licence: str = ""
    credit: str = ""
    source: str = ""
    valid: Mask = field(default_factory=_no_mask)

    def __post_init__(self) -> None:
        """Take float32 and a full mask, and refuse what is no recording."""
        object.__setattr__(self, "positions", single(self.positions))
        if self.valid.size == 0:
            object.__setattr__(self, "valid", np.ones(len(self.positions), np.bool_))
        check_shape(self.place, self.positions, self.skeleton)
        check_fps(self.place, self.fps)
        check_finite(self.place, self.positions, self.skeleton)
        if self.valid.shape != self.positions.shape[:1] or self.valid.dtype != np.bool_:
            found = f"valid is {self.valid.dtype} {self.valid.shape}"
            raise DataError(self.place, found, f"bool ({len(self.positions)},), one per frame")

    @property
    def place(self) -> str:
        """How messages name this recording."""
        return f"{self.source}: {self.name}" if self.source else self.name

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self) / self.fps

    def part(self, start: int, stop: int, name: str = "") -> "Clip":
        """Frames `start` to `stop` (excluded), under another `name` where one is given."""
        return replace(self, name=name or self.name, positions=self.positions[start:stop], valid=self.valid[start:stop])


def single(positions: NDArray[np.floating]) -> F32:
    """The positions as float32; what is too large becomes inf without a warning, for `check_finite` to find."""
    with np.errstate(over="ignore"):
        return np.asarray(positions, np.float32)


def check_shape(place: str, positions: NDArray[np.floating], skeleton: Skeleton) -> None:
    """Refuse anything but (T >= 2, J, 3).

    Raises:
        DataError: it is something else.
    """
    joints = len(skeleton.names)
    if positions.ndim != 3 or positions.shape[1:] != (joints, 3):
        expected = f"(frames, {joints}, 3), as the skeleton has {joints} joints"
        raise DataError(place, f"positions have the shape {positions.shape}", expected)
    if len(positions) < 2:
        raise DataError(place, f"{len(positions)} frames", "at least 2")


def check_fps(place: str, fps: float) -> None:
    """Refuse a frame rate that no recording has.

    Raises:
        DataError: not within 0 < fps <= 1000.
    """
    if not 0 < fps <= MAX_FPS:
        raise DataError(f"{place}: fps", f"{fps:g}", f"more than 0 and at most {MAX_FPS:g}")


def check_finite(place: str, positions: NDArray[np.floating], skeleton: Skeleton) -> None:
    """Refuse NaN and inf, naming the first frame and joint.

    Raises:
        DataError: a value is not finite.
    """
    bad = np.argwhere(~np.isfinite(positions))
    if len(bad):
        frame, joint, axis = (int(i) for i in bad[0])
        found = f"{positions[frame, joint, axis]} in frame {frame}, joint {skeleton.names[joint]}, {'xyz'[axis]}"
        if len(bad) > 1:
            found += f" (and {len(bad) - 1} more)"
        raise DataError(place, found, "finite numbers", "clean or cut the recording")
