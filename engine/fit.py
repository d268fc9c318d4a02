"""Whether a show asks no more of its models than they allow."""

from collections.abc import Mapping

import msgspec

from engine.bill import Bill, Billed
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
