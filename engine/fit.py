"""Whether a show asks no more of its models than they allow."""

import difflib
import math
from collections.abc import Collection, Mapping, Sequence

import msgspec

from engine.bill import Bill, Billed
from engine.inference.vet import load
from engine.schema.controls import expanded, knobs
from engine.schema.errors import ConfigError
from engine.schema.model import ModelSpec
from engine.schema.show import OWN_ROWS, Show, own


def check_controls(show: Show, bill: Bill) -> None:
    """Refuse what the models' own ranges do not allow.

    Raises:
        ConfigError: it names the first key that is out of range.
    """
    for billed in bill.acts:
        _check_act(show, billed)
    if bill.signs is not None:
        _check_glove(bill.signs)
    _check_signs(show, bill)


def sent(billed: Billed) -> int:
    """Numbers of a sample that gloves send to an act."""
    return len(billed.cast.glove.channels) or billed.loaded.spec.features


def _check_glove(billed: Billed) -> None:
    """Refuse gloves whose channels the model has not, or that are scaled otherwise than they are counted."""
    glove, features, place = billed.cast.glove, billed.loaded.spec.features, f"{billed.place}.glove"
    for number, channel in enumerate(glove.channels):
        if channel >= features:
            raise ConfigError(
                f"{place}.channels[{number}]", str(channel), f"a channel of the model, 0 to {features - 1}"
            )
        if channel in glove.channels[:number]:
            raise ConfigError(f"{place}.channels[{number}]", f"{channel} for the second time", "each channel once")
    for name, values in (("scale", glove.scale), ("offset", glove.offset)):
        _check_numbers(values, f"{place}.{name}", sent(billed))


def _check_numbers(values: Sequence[float], place: str, count: int) -> None:
    if len(values) not in (0, 1, count):
        raise ConfigError(place, f"{len(values)} numbers", f"{count}, one for each number of a sample, or 1 for all")
    for number, value in enumerate(values):
        if not math.isfinite(value):
            raise ConfigError(f"{place}[{number}]", str(value), "a finite number")


def _check_signs(show: Show, bill: Bill) -> None:
    """Refuse cues of signs that nobody reads."""
    known = _words(bill)
    for number, cue in enumerate(show.cues):
        if cue.sign is None or cue.sign in known:
            continue
        place = f"cues[{number}].sign"
        if bill.signs is None:
            raise ConfigError(place, repr(cue.sign), "none: no act of this show reads signs")
        near = difflib.get_close_matches(cue.sign, known, n=3) or sorted(known)
        hint = f"{'near it' if len(near) < len(known) else 'it knows'}: {', '.join(near)}"
        raise ConfigError(place, repr(cue.sign), f"a sign that {bill.signs.loaded.spec.name} knows", hint)


def _words(bill: Bill) -> Collection[str]:
    """Signs that the act can read, with the models of cues too."""
    if bill.signs is None:
        return ()
    models = [bill.signs.loaded, *map(load, bill.models("signs"))]
    return dict.fromkeys(word for loaded in models for word in loaded.spec.labels)


def _check_act(show: Show, billed: Billed) -> None:
    spec, act, place = billed.loaded.spec, billed.cast, billed.place
    _check(knobs(act.controls), f"{place}.controls", spec)
    for index, performer in enumerate(act.performer):
        _check(performer.controls, f"{place}.performer[{index}].controls", spec)
    for number, cue in enumerate(show.cues):
        if cue.model is None:
            _check(_heard(cue.controls, billed), f"cues[{number}].controls", spec)
            for index, performer in enumerate(cue.performer):
                _check(performer.controls, f"cues[{number}].performer[{index}].controls", spec)


def _heard(controls: Mapping[str, float], billed: Billed) -> Mapping[str, float]:
    """What of a cue's knobs an act answers to: the show's, and after them its own."""
    rows = sorted((*own(name), value) for name, value in controls.items())
    return {name: value for row, name, value in rows if row in (0, OWN_ROWS.get(billed.part))}


def _check(given: Mapping[str, float], place: str, spec: ModelSpec) -> None:
    for name, control in expanded(spec.controls).items():
        if name in given:
            msgspec.structs.replace(control, name=f"{place}.{name}").check(given[name])
    condition = given.get("condition", -1)
    if spec.skeleton is not None and condition >= len(spec.conditions):
        known = ", ".join(f"{number} {name}" for number, name in enumerate(spec.conditions)) or "none"
        raise ConfigError(f"{place}.condition", str(condition), "a condition of the model", known)
