"""Knobs on a command line: `--set temperature=0.8`."""

from collections.abc import Mapping, Sequence

import msgspec

from engine.schema.controls import CONTROLS, MODEL_CONTROLS, Control, expanded
from engine.schema.errors import ConfigError
from engine.schema.model import ModelSpec

OPTION = "--set"

SPEED = next(control for control in CONTROLS if control.name == "speed")


def read(texts: Sequence[str]) -> dict[str, float]:
    """Values by the names of their knobs, from texts `name=value`.

    Raises:
        ConfigError: a text that is none, or a knob that is set twice.
    """
    found: dict[str, float] = {}
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        try:
            number = float(value)
        except ValueError:
            raise ConfigError(OPTION, f"'{text}'", "a knob and a number, such as temperature=0.8") from None
        if name in found:
            raise ConfigError(OPTION, f"'{name}' twice", "each knob once")
        found[name] = number
    return found


def checked(values: Mapping[str, float], spec: ModelSpec) -> dict[str, float]:
    """The values, sorted by name, if a model answers to these knobs and they are in its ranges.

    Raises:
        ConfigError: it names what does not fit.
    """
    known = _known(spec)
    for name, value in values.items():
        if name not in known:
            raise ConfigError(OPTION, f"'{name}'", f"one of {', '.join(_names(known))}")
        control = msgspec.structs.replace(known[name], name=f"{OPTION} {name}")
        if control.check(value) != round(value) and control.kind != "float":
            raise ConfigError(control.name, f"{value:g}", "a whole number")
    condition = values.get("condition", -1)
    if condition >= len(spec.conditions):
        genres = ", ".join(f"{number} {name}" for number, name in enumerate(spec.conditions)) or "none"
        raise ConfigError(f"{OPTION} condition", f"{condition:g}", "a genre of the model", genres)
    return {name: float(values[name]) for name in sorted(values)}


def _known(spec: ModelSpec) -> dict[str, Control]:
    """Single knobs of dance models; a model's own ranges go before the general ones. One of pictures has its own."""
    if spec.image is not None:
        return expanded((*spec.controls, SPEED))
    general = expanded(MODEL_CONTROLS)
    return general | {name: control for name, control in expanded(spec.controls).items() if name in general}


def _names(known: Mapping[str, Control]) -> list[str]:
    """What is listed for a person: of the row `latent/0`, `latent/1`, ... the first alone."""
    return [name for name in known if not name.startswith("latent/") or name == "latent/0"]
