"""The recordings that a model is held against: the set that trained it, and clips that it has never seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.contracts import Loaded
from engine.schema.errors import DataError, ModelError
from engine.schema.frame import F32
from engine.schema.model import ModelSpec
from engine.schema.skeleton import Skeleton
from export import sources
from export.data import folder
from export.data.clip import Clip
from export.data.transform import conform, mirror, split_valid
from export.metrics import targets
from export.metrics.scores import Reference
from export.metrics.targets import Target

MIRRORED = "mirrored"
"""Name of the condition of a model that has learnt mirror images as well."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Recordings:
    """What a model is held against, in stretches without a gap, at its rate and on its body.

    Attributes:
        data: name of the training set and of its targets.
        targets: what has to be reached.
        train: the stretches that trained it.
        held_out: stretches that it has never seen.
        reference: the training set, prepared for comparison.
    """

    data: str
    targets: tuple[Target, ...]
    train: tuple[Clip, ...]
    held_out: tuple[Clip, ...]
    reference: Reference


def prepare(place: str, loaded: Loaded, data: str | Path | None = None) -> Recordings:
    """Read the recordings for a model.

    Args:
        place: what errors call the model.
        loaded: the model.
        data: clips to hold out instead of the set's own test part; a file of a known kind, or a folder.

    Raises:
        ModelError: the model moves no body.
        DataError: the training set is not there or of another body, or the clips cannot be read or are.
    """
    spec = loaded.spec
    if spec.skeleton is None:
        raise ModelError(f"{place}: figurant.spec: skeleton", "none", "a skeleton, as a dance is evaluated on its body")
    name, wanted = targets.choose(spec)
    parts = sources.load(_source(spec, name))
    train = stretches(parts.train, spec.fps)
    _check_body(train, spec.skeleton)
    clips = parts.test if data is None else conform(folder.read(data), spec.skeleton, spec.fps)
    return Recordings(
        data=name,
        targets=wanted,
        train=train,
        held_out=stretches(clips, spec.fps),
        reference=Reference.of(
            [clip.positions for clip in train],
            spec.fps,
            spec.skeleton,
            [clip.genre for clip in train],
            [mirror(clip).positions for clip in train] if MIRRORED in spec.conditions else (),
        ),
    )


def _source(spec: ModelSpec, name: str) -> str:
    """The set of that name, unless the model was trained on recordings of somebody's own."""
    data = spec.training.get("data")
    return data if isinstance(data, str) and data not in targets.SETS else name


def _check_body(clips: Sequence[Clip], skeleton: Skeleton) -> None:
    for clip in clips:
        if clip.skeleton.names != skeleton.names:
            found = f"a body of {len(clip.skeleton.names)} joints"
            raise DataError(clip.place, found, f"the {len(skeleton.names)} joints of the model")


def stretches(clips: Sequence[Clip], fps: float) -> tuple[Clip, ...]:
    """Every valid stretch of at least a second.

    Raises:
        DataError: there is none.
    """
    found = tuple(stretch for clip in clips for stretch in split_valid(clip, round(fps)))
    if not found:
        expected = f"{round(fps)} good frames, a second, without a gap"
        raise DataError(clips[0].place, f"{len(clips[0])} frames, {int(clips[0].valid.sum())} of them good", expected)
    return found


def prime(clips: Sequence[Clip], turn: int, frames: int) -> F32:
    """The `turn`-th of the clips that are long enough, in rotation: its middle `frames` frames (L, J, 3).

    Raises:
        DataError: none is long enough.
    """
    long = [clip for clip in clips if len(clip) >= frames]
    if not long:
        longest = max(len(clip) for clip in clips)
        raise DataError(clips[0].place, f"{longest} frames at most", f"a clip of {frames} frames to start from")
    chosen = long[turn % len(long)]
    start = (len(chosen) - frames) // 2
    return chosen.positions[start : start + frames]
