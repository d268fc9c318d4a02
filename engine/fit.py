"""Whether a show asks no more of its models than they allow."""

from collections.abc import Mapping

import msgspec

from engine.bill import Bill, Billed
from engine.schema.controls import OF_PIANO, expanded, knobs
from engine.schema.errors import ConfigError
from engine.schema.model import ModelSpec
from engine.schema.show import Show


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
            own = {name.removeprefix(OF_PIANO): value for name, value in cue.controls.items()}
            _check(own, f"cues[{number}].controls", spec)
            for index, performer in enumerate(cue.performer):
                _check(performer.controls, f"cues[{number}].performer[{index}].controls", spec)


def _check(given: Mapping[str, float], place: str, spec: ModelSpec) -> None:
    for name, control in expanded(spec.controls).items():
        if name in given:
            msgspec.structs.replace(control, name=f"{place}.{name}").check(given[name])
    condition = given.get("condition", -1)
    if spec.skeleton is not None and condition >= len(spec.conditions):
        known = ", ".join(f"{number} {name}" for number, name in enumerate(spec.conditions)) or "none"
        raise ConfigError(f"{place}.condition", str(condition), "a condition of the model", known)
