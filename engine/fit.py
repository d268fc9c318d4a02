"""Whether a show asks no more of its model than the model allows."""

from collections.abc import Mapping

import msgspec

from engine.schema.controls import expanded, knobs
from engine.schema.errors import ConfigError
from engine.schema.model import ModelSpec
from engine.schema.show import Show


def check_controls(show: Show, spec: ModelSpec) -> None:
    """Refuse what the model's own ranges do not allow.

    Raises:
        ConfigError: it names the first key that is out of range.
    """
    for act in show.acts:
        _check(knobs(act.controls), "act.controls", spec)
        for index, performer in enumerate(act.performer):
            _check(performer.controls, f"act.performer[{index}].controls", spec)
    for number, cue in enumerate(show.cues):
        if cue.model is None:
            _check(cue.controls, f"cues[{number}].controls", spec)
            for index, performer in enumerate(cue.performer):
                _check(performer.controls, f"cues[{number}].performer[{index}].controls", spec)


def _check(given: Mapping[str, float], place: str, spec: ModelSpec) -> None:
    for name, control in expanded(spec.controls).items():
        if name in given:
            msgspec.structs.replace(control, name=f"{place}.{name}").check(given[name])
    condition = given.get("condition", -1)
    if condition >= len(spec.conditions):
        known = ", ".join(f"{number} {name}" for number, name in enumerate(spec.conditions)) or "none"
        raise ConfigError(f"{place}.condition", str(condition), "a condition of the model", known)
