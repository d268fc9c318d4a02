"""Evaluate a model that foresees pictures on digits that it has not learned, beside the simplest guesses and others.

It is given ten pictures and goes on alone for ten; and it is given all, and asked for the next one each time.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from engine.contracts import Loaded
from engine.inference.bound_graph import BoundGraph
from engine.inference.vet import load
from engine.schema.errors import ConfigError
from engine.schema.frame import F32
from engine.schema.model import ModelSpec
from export.data import moving_mnist
from export.data.moving_mnist import Films
from export.forecast import opened
from export.metrics import moving
from export.metrics.judged import Target
from export.metrics.moving_report import MovingLine, MovingReport
from export.plots.moving import draw

GIVEN, ALONE = 10, 10
"""Pictures that a model is given, and that it foresees alone."""

ROWS = 10
"""Sequences side by side: more gain nothing on one core."""

COPY, BLACK = "copy last", "all black"
RECORDED = "(recorded at export)"

SHARE_OF_COPY, SHARE_OF_BLACK, NEXT_SHARE = 0.45, 0.75, 0.40
"""Of the errors of the simplest guesses, what a model may make at most."""

CLASSIC = 103.3
"""Squared error of the first ConvLSTM on such sequences (Shi et al., 2015)."""

TRAIL, LOPSIDED = 0.25, 1.6
"""What may be left of a digit where it was, and how much worse one direction may be than another."""


class Foreseen(NamedTuple):
    """Pictures (N, 10, H, W): foreseen alone, and each the next one of true ones."""

    alone: F32
    next: F32


def evaluate(
    model: Path,
    *,
    sequences: int = 500,
    seed: int = 1,
    beside: Sequence[Path] = (),
    plot: Path | None = None,
    progress: Callable[[str, float], object] = lambda _, __: None,
) -> MovingReport:
    """Measure a model that foresees pictures.

    Args:
        model: the .onnx file.
        sequences: how many are made.
        seed: of them.
        beside: other models of the same kind.
        plot: a PNG of what they foresee.
        progress: hears how far it is.

    Raises:
        ModelError: a file that is no such model.
        DataError: there are no digits.
        ConfigError: there is nothing to measure, or `plot` cannot be written.
    """
    if sequences < 1:
        raise ConfigError("--sequences", str(sequences), "at least 1")
    films = moving_mnist.make("test", sequences, GIVEN + ALONE, np.random.default_rng([seed]))
    pictures = moving_mnist.scaled(films.frames)
    loaded = {str(path): load(path) for path in (model, *beside)}
    found: dict[str, Foreseen] = {}
    lines: list[MovingLine] = []
    for place, one in loaded.items():
        name = one.spec.name if one.spec.name not in found else f"{one.spec.name} ({place})"
        found[name] = _played(one, place, pictures, lambda share, name=name: progress(name, share))  # type: ignore[misc]
        lines.append(line(name, films, pictures, found[name], parameters=_parameters(one)))
    guesses = {COPY: copied(pictures), BLACK: black(pictures)}
    lines += [line(name, films, pictures, guess) for name, guess in guesses.items()]
    if not beside:
        lines += recorded(loaded[str(model)].spec, (sequences, seed), {one.who for one in lines})
    judged = targets(lines[0], *lines[len(loaded) : len(loaded) + 2])
    if plot is not None:
        rows = {"what came": pictures[:, GIVEN:], COPY: guesses[COPY].alone}
        shown = rows | {name: one.alone for name, one in reversed(found.items())}
        draw(shown, films.corners, plot, title=loaded[str(model)].spec.name)
    return MovingReport(
        model=loaded[str(model)].spec.name,
        file=str(model),
        sequences=sequences,
        seed=seed,
        lines=tuple(lines),
        targets=tuple(judged),
        notes=NOTES,
        passed=all(target.passed for target in judged),
    )


NOTES = (
    f"{GIVEN} pictures given, {ALONE} foreseen alone; MSE: squared error summed over the pixels of a picture",
    "next: every picture before it is given; worst/best direction: of its error by where digits move",
    "trail/hit: brightness where a digit was three frames ago and none is now, over that where one is",
)


def recorded(spec: ModelSpec, asked: tuple[int, int], here: set[str]) -> list[MovingLine]:
    """Candidates that were measured on the same sequences when the model was exported, and are not here now."""
    try:
        kept = msgspec.convert(spec.metrics.get("moving", {}), dict[str, object])
        lines = msgspec.convert(kept.get("lines", []), list[MovingLine])
    except msgspec.ValidationError:
        return []
    same = (kept.get("sequences"), kept.get("seed")) == asked
    others = [one for one in lines if same and one.who not in here]
    return [msgspec.structs.replace(one, who=f"{one.who} {RECORDED}") for one in others]


def copied(pictures: F32) -> Foreseen:
    """The last picture that was given, again and again."""
    return Foreseen(np.repeat(pictures[:, GIVEN - 1 : GIVEN], ALONE, 1), pictures[:, GIVEN - 1 : -1])


def black(pictures: F32) -> Foreseen:
    """Nothing at all."""
    nothing = np.zeros_like(pictures[:, GIVEN:])
    return Foreseen(nothing, nothing)


def line(name: str, films: Films, pictures: F32, found: Foreseen, *, parameters: int | None = None) -> MovingLine:
    """Measure one candidate."""
    truth = pictures[:, GIVEN:]
    alone = moving.squared(truth, found.alone)
    return MovingLine(
        who=name,
        mse=float(alone.mean()),
        frames=tuple(alone.tolist()),
        ssim=moving.likeness(truth, found.alone),
        trail=_ratio(moving.trail(pictures, found.alone)),
        next_mse=float(moving.squared(truth, found.next).mean()),
        next_trail=_ratio(moving.trail(pictures, found.next)),
        directions=moving.by_direction(pictures, found.next, films.corners),
        parameters=parameters,
    )


def targets(ours: MovingLine, copy: MovingLine, nothing: MovingLine) -> list[Target]:
    """What a model has to reach."""
    return [
        _most("MSE", ours.mse, SHARE_OF_COPY * copy.mse, f"{SHARE_OF_COPY:g} x {COPY}"),
        _most("MSE", ours.mse, SHARE_OF_BLACK * nothing.mse, f"{SHARE_OF_BLACK:g} x {BLACK}"),
        _most("MSE", ours.mse, CLASSIC, "the first ConvLSTM"),
        _most("next: MSE", ours.next_mse, NEXT_SHARE * copy.next_mse, f"{NEXT_SHARE:g} x {COPY}"),
        _most("next: trail/hit", ours.next_trail, TRAIL, "hardly a trail"),
        _most("worst/best direction", ours.lopsided, LOPSIDED, "all directions alike"),
    ]


def _most(what: str, value: float | None, most: float, why: str) -> Target:
    passed = value is not None and value <= most
    return Target(what=what, value=value, limit=f"<= {most:.4g} ({why})", passed=passed)


def _ratio(found: moving.Trail) -> float | None:
    return found.ratio if found.hit else None


def _played(loaded: Loaded, place: str, pictures: F32, progress: Callable[[float], object]) -> Foreseen:
    """What a model foresees of sequences (N, 20, H, W)."""
    count = len(pictures)
    rows = next(rows for rows in range(min(ROWS, count), 0, -1) if count % rows == 0)
    graph, parts = opened(loaded, place=place, rows=rows), []
    for begin in range(0, count, rows):
        parts.append(_some(graph, pictures[begin : begin + rows]))
        progress((begin + rows) / count)
    graph.close()
    return Foreseen(*(np.concatenate(both) for both in zip(*parts, strict=True)))


def _some(graph: BoundGraph, pictures: F32) -> Foreseen:
    """What it foresees of as many sequences as it has rows."""
    graph.put(())
    for frame in range(GIVEN - 1):
        graph.run(pictures[:, frame, None])
    begun = graph.state()
    alone: list[F32] = []
    seen = pictures[:, GIVEN - 1, None]
    for _ in range(ALONE):
        seen = graph.run(seen)[0].copy()
        alone.append(seen[:, 0])
    graph.put(begun)
    true = pictures[:, GIVEN - 1 : GIVEN + ALONE - 1].swapaxes(0, 1)
    led = [graph.run(picture[:, None])[0][:, 0].copy() for picture in true]
    return Foreseen(np.stack(alone, 1), np.stack(led, 1))


def _parameters(loaded: Loaded) -> int | None:
    """What its training counted."""
    found = loaded.spec.training.get("parameters")
    return found if isinstance(found, int) else None
