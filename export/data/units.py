"""Units of length."""

import math

from engine.schema.errors import DataError

UNITS = {"m": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254}
"""Metres in one unit."""


def metres(place: str, unit: str | float) -> float:
    """Metres in one unit, given by its name or as a number.

    Raises:
        DataError: an unknown name, or no finite number over 0.
    """
    if isinstance(unit, str):
        if unit not in UNITS:
            raise DataError(f"{place}: unit", f"'{unit}'", f"{', '.join(UNITS)} or metres per unit")
        return UNITS[unit]
    if not (math.isfinite(unit) and unit > 0):
        raise DataError(f"{place}: unit", f"{unit:g}", "a finite number of metres over 0")
    return unit
