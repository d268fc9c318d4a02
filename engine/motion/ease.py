"""Curves along which something gets from one state to another."""

from collections.abc import Callable, Mapping

from engine.schema.kinds import Easing

CURVES: Mapping[Easing, Callable[[float], float]] = {
    "linear": lambda t: t,
    "smooth": lambda t: t * t * (3.0 - 2.0 * t),
    "in": lambda t: t * t,
    "out": lambda t: t * (2.0 - t),
}
"""`smooth` begins and ends gently, `in` begins gently, `out` ends gently."""


def ease(curve: Easing, t: float) -> float:
    """How much of the way is done, 0-1, when `t` of the time is over; before 0 it is none, after 1 all of it."""
    return CURVES[curve](min(max(t, 0.0), 1.0))
