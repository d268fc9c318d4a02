"""A motion graph (Kovar et al. 2002): all recorded frames, and for each the frames elsewhere that continue it well.

Training streams jump along it, with a cross-fade, so that the model sees one endless dance instead of clips that end,
and learns that most moments have several continuations. Without the jumps it freezes where the recordings stopped.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from engine.schema.errors import DataError
from export.data.clip import Clip
from export.data.transform import mirror, split_valid
from export.motion_space import MotionSpace, Track

I64 = NDArray[np.int64]

CANDIDATES = 12
"""Continuations kept for each frame."""

RUN = 60
"""Frames that must follow a continuation before its clip ends: two seconds at 30 a second."""

APART = 45
"""Frames within one clip that are too near in time to count as a continuation: 1.5 seconds at 30 a second."""

CHANGE_WEIGHT = 4.0
"""How much a metre per frame counts against a metre: four frames of difference in speed make one in place."""

TURN_WEIGHT = 2.0
"""How much a radian per frame counts against a metre: a turn moves the hands by about half its angle in metres."""


@dataclass(frozen=True, eq=False)
class MotionGraph:
    """Frames of all clips behind each other, and where each may jump.

    Attributes:
        z: (N, d) metres.
        way: (N, 3) last step of the root: m, m, rad.
        end: (N,) index behind the last frame of the frame's clip.
        genre: (N,) index of the genre.
        mirrored: (N,) whether the frame is a left-right mirror image.
        to: (N, CANDIDATES) continuations, nearest first.
        fair: (N,) how many of them are near enough to be chosen freely; 0 where the frame must go on.
        across: (N, CANDIDATES) continuations in the other genres; the same as `to` where there is one genre.
    """

    z: NDArray[np.float64]
    way: NDArray[np.float64]
    end: I64
    genre: I64
    mirrored: NDArray[np.bool_]
    to: I64
    fair: I64
    across: I64

    def __len__(self) -> int:
        return len(self.z)


def build(clips: Sequence[Clip], space: MotionSpace, genres: Sequence[str], *, mirroring: bool) -> MotionGraph:
    """Build the graph of `clips`; with `mirroring` their mirror images follow, and jumps stay on one side.

    Raises:
        DataError: a genre has no stretch that is long enough, or a frame has too few continuations.
    """
    pieces = [piece for clip in clips for piece in split_valid(clip, RUN + APART)]
    for genre in genres:
        if all(piece.genre != genre for piece in pieces):
            expected = f"at least one of {RUN + APART} frames without a gap"
            raise DataError("data.source", f"no long stretch{f' of {genre}' if genre else ''} to train on", expected)
    plain = of_tracks(
        [space.track(piece.positions) for piece in pieces], [genres.index(piece.genre) for piece in pieces]
    )
    if not mirroring:
        return plain
    other = [space.track(mirror(piece).positions) for piece in pieces]
    count = len(plain)
    return MotionGraph(
        z=np.concatenate([plain.z, *[track.z for track in other]]),
        way=np.concatenate([plain.way, *[track.way for track in other]]),
        end=np.concatenate([plain.end, plain.end + count]),
        genre=np.tile(plain.genre, 2),
        mirrored=np.arange(2 * count) >= count,
        to=np.concatenate([plain.to, plain.to + count]),
        fair=np.tile(plain.fair, 2),
        across=np.concatenate([plain.across, plain.across + count]),
    )


def of_tracks(tracks: Sequence[Track], genres: Sequence[int], *, run: int = RUN, apart: int = APART) -> MotionGraph:
    """The graph of tracks whose genres are given by index.

    Args:
        tracks: of the clips.
        genres: of each.
        run: frames that must follow a continuation before its clip ends.
        apart: frames within one clip that are too near in time to count as one.

    Raises:
        DataError: a frame has too few continuations.
    """
    sizes = [len(track.z) for track in tracks]
    end = np.repeat(np.cumsum(sizes), sizes)
    z = np.concatenate([track.z for track in tracks])
    way = np.concatenate([track.way for track in tracks])
    change = np.concatenate([track.dz for track in tracks])
    weights = np.array([CHANGE_WEIGHT, CHANGE_WEIGHT, TURN_WEIGHT])
    genre = np.repeat(genres, sizes)
    features = np.hstack([z, change * CHANGE_WEIGHT, way * weights])
    distance, to = _nearest(features, end, np.zeros(len(z), np.int64), run, apart)
    across = _nearest(features, end, genre, run, apart)[1] if len(set(genres)) > 1 else to
    near = np.median(distance[:, 0])
    fair = np.where(distance[:, 0] < near, (distance < 1.3 * near).sum(1), 0)
    return MotionGraph(z, way, end, genre, np.zeros(len(z), np.bool_), to, fair, across)


def _nearest(
    features: NDArray[np.float64], end: I64, kind: I64, run: int, apart: int
) -> tuple[NDArray[np.float64], I64]:
    """Distances and indices (N, CANDIDATES) of the nearest frames elsewhere that go on long enough.

    Where `kind` (N,) has several values, only frames of another kind count.

    Raises:
        DataError: a frame has fewer than CANDIDATES.
    """
    points = torch.from_numpy(features.astype(np.float32))
    kinds = torch.from_numpy(kind)
    several = bool((kinds != kinds[0]).any())
    index = torch.arange(len(points))
    short = torch.from_numpy(end) - index <= run
    found = []
    for start in range(0, len(points), 2048):
        distance = torch.cdist(points[start : start + 2048], points)
        distance[:, short] = torch.inf
        distance[(index[None] - index[start : start + 2048, None]).abs() < apart] = torch.inf
        if several:
            distance[kinds[None] == kinds[start : start + 2048, None]] = torch.inf
        found.append(distance.topk(min(CANDIDATES, len(points)), largest=False))
    if any(torch.isinf(best.values).any() or best.values.shape[1] < CANDIDATES for best in found):
        expected = f"{CANDIDATES} places to go on from every frame"
        raise DataError("data.source", f"{len(points)} frames to train on", expected, "more or longer recordings")
    values = torch.cat([best.values for best in found])
    return values.numpy().astype(np.float64), torch.cat([best.indices for best in found]).numpy()
