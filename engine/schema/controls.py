"""The knobs of a performance."""

import math
from typing import Literal

import msgspec

from engine.schema.errors import ConfigError

Scope = Literal["act", "performer"]
"""Whether each performer can have a value of its own, or the whole act has one."""


class Control(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One knob: its range, its unit, what it does, and whose it is."""

    name: str
    default: float
    low: float
    high: float
    unit: str = ""
    description: str = ""
    scope: Scope = "performer"

    def check(self, value: float) -> float:
        """Give `value` back if it is a finite number within the range.

        Raises:
            ConfigError: it is not.
        """
        if not (math.isfinite(value) and self.low <= value <= self.high):
            raise ConfigError(self.name, str(value), f"a number from {self.low:g} to {self.high:g}")
        return value


class Controls(msgspec.Struct, frozen=True, kw_only=True):
    """The values that one tick is computed with.

    Attributes:
        temperature: scales the spread of every sample and flattens the choice of the mixture component.
        pi_temperature: flattens (> 1) or sharpens (< 1) the choice of the mixture component alone.
        sigma: scales the spread of the chosen component alone.
        top_p: the choice is made among the likeliest components that hold this share of the probability.
        pull: 0-1, how strongly the movement is led along the nearest recorded ones.
        footlock: 0-1, how strongly a standing foot is kept in its place.
        radius: metres; the body is led back softly when it leaves this circle.
        condition: index of the model's condition (a genre), -1 to let the model choose.
        speed: how fast time passes for the act; the rate on the wire stays.
    """

    temperature: float = 1.0
    pi_temperature: float = 1.0
    sigma: float = 1.0
    top_p: float = 1.0
    pull: float = 0.0
    footlock: float = 1.0
    radius: float = 3.0
    condition: int = -1
    speed: float = 1.0


CONTROLS: tuple[Control, ...] = (
    Control(name="temperature", default=1.0, low=0.0, high=2.0, description="how freely the dancer moves"),
    Control(name="pi_temperature", default=1.0, low=0.05, high=4.0, description="how freely the next figure is chosen"),
    Control(name="sigma", default=1.0, low=0.0, high=2.0, description="how much a chosen figure varies"),
    Control(name="top_p", default=1.0, low=0.05, high=1.0, description="share of the likely figures to choose from"),
    Control(name="pull", default=0.0, low=0.0, high=1.0, description="pull towards recorded movement"),
    Control(name="footlock", default=1.0, low=0.0, high=1.0, description="how firmly a standing foot stays"),
    Control(name="radius", default=3.0, low=0.5, high=100.0, unit="m", description="size of the stage"),
    Control(name="condition", default=-1, low=-1, high=15, description="genre; -1 lets the model choose"),
    Control(name="speed", default=1.0, low=0.25, high=4.0, scope="act", description="how fast the whole act moves"),
)
"""Every control of `Controls`, with range and default."""
