"""Evaluate a model that reads signs on signs that it has not learned from, beside checkpoints of other networks.

All candidates hear the same signs. The model itself is stepped sample by sample, as on a stage; and whole sessions are
played to the act that a show has, which has to find where each sign begins and ends.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import torch

from engine import plugins
from engine.contracts import Loaded
from engine.gestures.recording import Gesture, Recording
from engine.inference.vet import load
from engine.open_signs import open_signs
from engine.schema.controls import Controls
from engine.schema.errors import ConfigError, DataError, ModelError
from engine.schema.frame import F32
from export import checkpoint
from export.checkpoint import Trained
from export.data import gloves
from export.data.splits import named_digest
from export.metrics import signs
from export.metrics.calibration import I64, calibration_error
from export.metrics.judged import Target
from export.metrics.sign_report import SessionLine, SignLine, SignReport
from export.metrics.signs import FRACTIONS
from export.nets.signs import SeedSignNet, SignNet
from export.plots.signs import draw
from export.recipe import Recipe
from export.sign_problem import SEED_LENGTH, divided
from export.sign_streams import Example, padded

CURVE = tuple(tenth / 10 for tenth in range(1, 11))
"""Shares of a sign in a picture."""

CALIBRATED = (0.5, 0.75, 1.0)
"""Shares of a sign at which certainty is held against what was right."""

OF_SESSIONS, AT_RANDOM, EARLY, EARLY_AT = 0.92, 0.96, 0.80, 0.6
"""Share of signs that have to be right: at their ends, by session or split at random, and after a part of each."""

TRUTH, FALSE, LOST = 0.05, 1.0, 0.01
"""Greatest calibration error, false signs a minute, and share of right signs that a stage may lose."""

SLACK = 0.01
"""Share by which rates of samples may differ and still be the same."""


class Heard(NamedTuple):
    """Signs that are measured: what they are among the model's labels, and what there is to know of them."""

    gestures: Sequence[Gesture]
    numbers: I64
    unknown: Mapping[str, int]
    place: str


class Candidate(NamedTuple):
    """A name, what is said (C,) of sign n after a share of it, and how many learned numbers say it."""

    who: str
    after: Callable[[int, float], F32]
    parameters: int | None


def evaluate(
    model: Path,
    *,
    data: Path | None = None,
    beside: Sequence[Path] = (),
    plot: Path | None = None,
    progress: Callable[[str, float], object] = lambda _, __: None,
) -> SignReport:
    """Measure a model that reads signs.

    Args:
        model: the .onnx file.
        data: recordings instead of those that its training held out: an archive, a folder or a file.
        beside: checkpoints of networks of signs.
        plot: a PNG.
        progress: hears how far it is.

    Raises:
        ModelError: a file that reads no signs, or no checkpoint of signs with the same words.
        DataError: the recordings are missing, unusable, of other channels, or hold no sign that the model knows.
        ConfigError: a checkpoint was split otherwise, or `plot` cannot be written.
    """
    loaded = load(model)
    heard = held_out(loaded, str(model)) if data is None else given(loaded, data)
    others = [_beside(path, loaded, own=data is None) for path in beside]
    said = _said(loaded, heard.gestures, lambda share: progress(loaded.spec.name, share))
    candidates = [
        Candidate(loaded.spec.name, lambda index, share: signs.after(said[index], share), _parameters(loaded)),
        *(_candidate(one, heard, loaded.spec.labels) for one in others),
    ]
    lines = tuple(line(one, heard.numbers) for one in candidates)
    sessions, false = _staged(loaded, heard, said, progress)
    ends = np.stack([signs.after(one, 1.0) for one in said])
    confusion = signs.confusion(ends, heard.numbers)
    judged = targets(lines[0], sessions, false, at_random=data is None and _at_random(loaded))
    if plot is not None:
        curves = {one.who: {share: _right(one, heard.numbers, share) for share in CURVE} for one in candidates}
        sure = signs.certainties(ends), signs.right(ends, heard.numbers)
        draw(loaded.spec.labels, confusion, curves, sure, plot, title=f"{loaded.spec.name}: {len(said)} signs")
    return SignReport(
        model=loaded.spec.name,
        file=str(model),
        data=heard.place,
        signs=len(said),
        unknown=dict(heard.unknown),
        lines=lines,
        sessions=tuple(sessions),
        false=false,
        labels=loaded.spec.labels,
        confusion=tuple(map(tuple, confusion.tolist())),
        targets=tuple(judged),
        notes=(*_left_out(heard.unknown), *(() if data is None else _learned(loaded, heard)), *NOTES),
        passed=all(target.passed for target in judged),
    )


NOTES = (
    "right at n %: of signs of which n % of the samples were heard; ECE: expected calibration error, 10 bins",
    f"told rightly: each sign streamed, hands held still for {signs.REST:g} s behind it, told once and by its word",
    "a network that was not taught to say anything early is shown what there was of a sign as if it were a whole one",
)


def held_out(loaded: Loaded, place: str) -> Heard:
    """The signs that the training of a model held out to test.

    Raises:
        ModelError: it does not say what it was trained on.
        DataError: the recordings are missing, or not those that were split.
    """
    recipe = _recipe(loaded, place)
    recording = gloves.recording(recipe.data.source, rate=recipe.signs.rate or None)
    parts = divided(recipe, recording)
    if named_digest(parts) != loaded.spec.training.get("split"):
        found, expected = "other recordings than those that were split", "those that the model was trained on"
        raise DataError(recipe.data.source, found, expected, "--data names recordings that it has not seen")
    return _known(loaded, parts["test"], f"{recipe.data.source}, test")


def given(loaded: Loaded, data: Path) -> Heard:
    """The signs of somebody's recordings.

    Raises:
        DataError: they are missing or unusable, of other channels or another rate, or none of them is known.
    """
    recording = gloves.recording(data)
    _fitting(loaded, recording, data)
    return _known(loaded, recording.gestures, str(data))


def _fitting(loaded: Loaded, recording: Recording, data: Path) -> None:
    spec = loaded.spec
    if len(recording.channels) != spec.features:
        raise DataError(str(data), f"{len(recording.channels)} channels", f"{spec.features}, as the model has")
    if recording.channels != spec.channels and sorted(recording.channels) == sorted(spec.channels):
        raise DataError(str(data), "the model's channels in another order", ", ".join(spec.channels))
    if abs(recording.rate - spec.fps) > SLACK * spec.fps:
        raise DataError(str(data), f"{recording.rate:g} samples a second", f"{spec.fps:g}, as the model has")


def _known(loaded: Loaded, gestures: Sequence[Gesture], place: str) -> Heard:
    numbers = {label: number for number, label in enumerate(loaded.spec.labels)}
    known = [one for one in gestures if one.label in numbers]
    unknown = Counter(one.label for one in gestures if one.label not in numbers)
    if not known:
        found = f"none of the {len(loaded.spec.labels)} signs that the model knows"
        raise DataError(place, found, f"signs such as '{loaded.spec.labels[0]}'")
    return Heard(known, np.array([numbers[one.label] for one in known]), dict(sorted(unknown.items())), place)


def _left_out(unknown: Mapping[str, int]) -> tuple[str, ...]:
    if not unknown:
        return ()
    words = ", ".join(f"{word} ({count})" for word, count in unknown.items())
    return (f"{sum(unknown.values())} signs that the model does not know were left out: {words}",)


def _learned(loaded: Loaded, heard: Heard) -> tuple[str, ...]:
    """A warning where sessions of somebody's recordings are called like those that the model has learned from."""
    trained = loaded.spec.training.get("sessions")
    names = set(trained.get("train", ())) if isinstance(trained, dict) else set()
    again = sorted(names & {one.session for one in heard.gestures})
    if not again:
        return ()
    told = ", ".join(again)
    return (f"the model has learned from sessions of these names, which flatters it if they are the same: {told}",)


def line(one: Candidate, numbers: I64) -> SignLine:
    """Measure a candidate."""
    said = {share: np.stack([one.after(index, share) for index in range(len(numbers))]) for share in FRACTIONS}
    return SignLine(
        who=one.who,
        right={_percent(share): float(signs.right(found, numbers).mean()) for share, found in said.items()},
        calibration={
            _percent(share): calibration_error(signs.certainties(said[share]), signs.right(said[share], numbers))
            for share in CALIBRATED
        },
        f1=signs.macro_f1(said[1.0], numbers),
        parameters=one.parameters,
    )


def targets(ours: SignLine, sessions: Sequence[SessionLine], false: float, *, at_random: bool) -> list[Target]:
    """What a model has to reach."""
    whole = ours.right[_percent(1.0)]
    count = sum(one.signs for one in sessions)
    staged = sum(one.staged * one.signs for one in sessions) / count
    least = AT_RANDOM if at_random else OF_SESSIONS
    return [
        _least("right, whole signs", whole, least),
        _least(f"right at {_percent(EARLY_AT)} %", ours.right[_percent(EARLY_AT)], EARLY),
        _most("ECE, whole signs", ours.calibration[_percent(1.0)], TRUTH),
        _least("told rightly on a stage", staged, whole - LOST),
        _most("false signs a minute of rest", false, FALSE),
    ]


def _least(what: str, value: float, least: float) -> Target:
    return Target(what=what, value=value, limit=f">= {least:.3g}", passed=value >= least)


def _most(what: str, value: float, most: float) -> Target:
    return Target(what=what, value=value, limit=f"<= {most:g}", passed=value <= most)


def _percent(share: float) -> str:
    return f"{100 * share:g}"


def _right(one: Candidate, numbers: I64, share: float) -> float:
    return float(np.mean([one.after(index, share).argmax() == number for index, number in enumerate(numbers)]))


def _said(loaded: Loaded, gestures: Sequence[Gesture], progress: Callable[[float], object]) -> list[F32]:
    """Probabilities (T, C) after each sample of each sign, each from the beginning on."""
    recogniser = plugins.recogniser(loaded.spec.family, place="figurant.spec: family")(loaded, "cpu")
    found = []
    try:
        for count, gesture in enumerate(gestures, 1):
            recogniser.restart()
            said = np.empty((len(gesture), len(loaded.spec.labels)), np.float32)
            for row, sample in zip(said, gesture.values, strict=True):
                recogniser.sample(sample)
                row[:] = recogniser.probabilities
            found.append(said)
            progress(count / len(gestures))
    finally:
        recogniser.close()
    return found


def _staged(
    loaded: Loaded, heard: Heard, said: Sequence[F32], progress: Callable[[str, float], object]
) -> tuple[list[SessionLine], float]:
    """What a show makes of each session, and false signs a minute of rest in any of them."""
    act = open_signs(loaded, device="cpu", view="off")
    certainty = next((knob.default for knob in loaded.spec.controls if knob.name == "certainty"), Controls().certainty)
    controls = Controls(certainty=certainty)
    names = sorted({one.session for one in heard.gestures})
    lines, false = [], []
    try:
        for count, name in enumerate(names, 1):
            chosen = [index for index, one in enumerate(heard.gestures) if one.session == name]
            some = [heard.gestures[index] for index in chosen]
            told = signs.staged(act, [one.values for one in some], [one.label for one in some], controls)
            ends = np.stack([signs.after(said[index], 1.0) for index in chosen])
            right = float(signs.right(ends, heard.numbers[chosen]).mean())
            lines.append(
                SessionLine(
                    session=name,
                    signs=len(some),
                    right=right,
                    staged=told.right,
                    missed=told.missed,
                    doubled=told.doubled,
                )
            )
            false.append(told.false)
            progress("sessions", count / len(names))
    finally:
        act.close()
    return lines, float(np.mean(false))


def _beside(path: Path, loaded: Loaded, *, own: bool) -> Trained:
    """A checkpoint that is measured on the same signs."""
    found = checkpoint.load(path)
    if not isinstance(found.net, SignNet | SeedSignNet):
        raise ModelError(str(path), f"a checkpoint of {found.recipe.net.kind!r}", "one of 'signs' or 'seed-signs'")
    if found.spec.features != loaded.spec.features:
        raise ModelError(str(path), f"{found.spec.features} channels", f"{loaded.spec.features}, as {loaded.spec.name}")
    if not set(loaded.spec.labels) <= set(found.spec.labels):
        raise ModelError(str(path), "other signs", f"those of {loaded.spec.name}")
    if own and found.spec.training.get("split") != loaded.spec.training.get("split"):
        hint = "or it would be measured on signs that it has learned"
        raise ConfigError(f"--beside {path}", "recordings that were split otherwise", "the split of the model", hint)
    return found


def _candidate(trained: Trained, heard: Heard, labels: Sequence[str]) -> Candidate:
    """What a checkpoint says, in the order of the model's labels."""
    net = trained.net
    order = [trained.spec.labels.index(label) for label in labels]
    if isinstance(net, SignNet):
        said = [_probabilities(net, one.values)[:, order] for one in heard.gestures]
        return Candidate(trained.spec.name, lambda index, share: signs.after(said[index], share), net.counted())
    assert isinstance(net, SeedSignNet)  # noqa: S101 - `_beside` has seen to that

    def after(index: int, share: float) -> F32:
        values = heard.gestures[index].values
        part = values[: max(1, round(len(values) * share))]
        found: F32 = _probabilities(net, padded(Example(part, 0), SEED_LENGTH)[0])[-1, order]
        return found

    return Candidate(trained.spec.name, after, net.counted())


def _probabilities(net: SignNet | SeedSignNet, x: F32) -> F32:
    with torch.no_grad():
        found: F32 = net.probabilities(net(torch.from_numpy(x)[:, None])[0])[:, 0].numpy()
    return found


def _recipe(loaded: Loaded, place: str) -> Recipe:
    try:
        return msgspec.convert(loaded.spec.training.get("recipe"), Recipe)
    except msgspec.ValidationError as error:
        expected = "a model made by `engine-export onnx`"
        raise ModelError(place, "no recipe of its training", expected, "--data names recordings") from error


def _at_random(loaded: Loaded) -> bool:
    return _recipe(loaded, "").signs.split == "seed"


def _parameters(loaded: Loaded) -> int | None:
    found = loaded.spec.training.get("parameters")
    return found if isinstance(found, int) else None
