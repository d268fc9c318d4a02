"""The metrics of a dance by name: of runs, of recordings, of a body that stands still."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np

from export.metrics import frechet
from export.metrics.freerun import Run
from export.metrics.poses import Nearest
from export.metrics.recordings import Recordings
from export.metrics.scores import Reference, Scores

Values = tuple[float, ...]
"""One value per run; nan where a run is no body or too short."""

UNITS: Mapping[str, str] = {
    "nll": "nats/dim",
    "bone": "%",
    "bone_worst": "%",
    "jerk": "m/s3",
    "speed": "m/s",
    "root_speed": "m/s",
    "freeze": "%",
    "skate": "cm/s",
    "nearest": "cm",
    "drift": "",
    "coverage": "%",
    "frechet": "",
    "guard": "frames",
    "reach": "%",
}
"""Every metric, in the order of the table, and its unit."""

SCORED = tuple(name for name in UNITS if name in Scores.__dataclass_fields__)
"""Those of a motion by itself."""


def of_runs(reference: Reference, runs: Sequence[Run], nearest: Sequence[Nearest]) -> dict[str, Values]:
    """Every metric that a free run has, one value per run."""
    rows = [of_run(reference, run, near) for run, near in zip(runs, nearest, strict=True)]
    return {name: tuple(row[name] for row in rows) for name in (*SCORED, "guard")}


def of_run(reference: Reference, run: Run, nearest: Nearest) -> dict[str, float]:
    """The metrics of one run; nan where a position is no number, as then it shows no body."""
    if not np.isfinite(run.positions).all():
        return {**dict.fromkeys(SCORED, float("nan")), "guard": float(run.guarded)}
    return {**scored(reference.measure(run.positions, [nearest])), "guard": float(run.guarded)}


def of_recordings(held: Recordings, frames: int) -> dict[str, dict[str, float]]:
    """Every metric of the training and the held-out clips, and of a body that stands still for so many frames."""
    train = [clip.positions for clip in held.train]
    own = _own(train)
    statue = np.repeat(held.held_out[0].positions[-1:], frames, axis=0)
    rows = {
        "real_train": scored(held.reference.measure(train, own)),
        "real_test": scored(held.reference.measure([clip.positions for clip in held.held_out])),
        "copy_last": scored(held.reference.measure(statue)),
    }
    return {name: {row: values[name] for row, values in rows.items()} for name in SCORED}


def scored(scores: Scores) -> dict[str, float]:
    """The scores that stand in the table."""
    values = asdict(scores)
    return {name: float(values[name]) for name in SCORED}


def _own(train: Sequence[np.ndarray]) -> list[Nearest]:
    """Every training frame is its own nearest one; looking for them would take longer than a run."""
    starts = np.cumsum([0, *map(len, train)])
    return [
        Nearest(np.zeros(len(take)), np.arange(len(take)) + start) for take, start in zip(train, starts, strict=False)
    ]


def smoke(held: Recordings) -> str:
    """A warning where the held-out clips are too short for the Fréchet distance, else ''."""
    windows = len(frechet.features([clip.positions for clip in held.held_out], held.reference.fps))
    if windows >= frechet.SMOKE:
        return ""
    return f"frechet: {windows} windows of held-out clips, a smoke test below {frechet.SMOKE}"
