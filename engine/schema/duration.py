"""Times as a person writes them: `10s`, `2m`, `1h` or `500ms`."""

import re

from engine.schema.errors import ConfigError

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
"""Seconds."""


def duration(text: str, place: str) -> float:
    """Seconds of a time such as `10s`.

    Raises:
        ConfigError: it is written otherwise, or nothing.
    """
    seconds = moment(text, place)
    if seconds == 0:
        raise _otherwise(text, place)
    return seconds


def moment(text: str, place: str) -> float:
    """Seconds from the beginning, which is `0s`.

    Raises:
        ConfigError: it is written otherwise.
    """
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h)", text, re.ASCII)
    if match is None:
        raise _otherwise(text, place)
    return float(match[1]) * UNITS[match[2]]


def _otherwise(text: str, place: str) -> ConfigError:
    return ConfigError(place, repr(text), "a time such as 10s, 2m, 1h or 500ms")
