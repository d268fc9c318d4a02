"""What a dance model has to reach, and why; for the 20 joints of the CMU dances and for the seed's 55 markers.

A target is a range whose ends may depend on what the recordings themselves and the simplest models measure, so it is
made from those values when a report is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from engine.schema.model import ModelSpec

INF = float("inf")
NAN = float("nan")

Known = Mapping[str, float]
"""What the same metric is for `real_train`, `real_test`, `copy_last`, `constant_velocity`; only what exists."""

NAMES = {
    "real_train": "train clips",
    "real_test": "test clips",
    "copy_last": "copy last",
    "constant_velocity": "const. velocity",
    "other_condition": "other condition",
}
"""Headings of the baselines."""

REAL = "real_train"


@dataclass(frozen=True, kw_only=True)
class Range:
    """Values from `low` to `high`, both allowed; `text` says where they come from."""

    low: float = -INF
    high: float = INF
    text: str

    def holds(self, value: float) -> bool:
        """Whether a value lies inside; nan never does."""
        return self.low <= value <= self.high


@dataclass(frozen=True, kw_only=True)
class Target:
    """What one metric has to reach.

    Attributes:
        metric: its name in the report, without what follows a colon.
        limits: makes the range from what is known of the metric; where a value it needs is missing, nothing is inside.
        reason: why it stands there.
    """

    metric: str
    limits: Callable[[Known], Range]
    reason: str


def at_most(high: float, unit: str = "") -> Callable[[Known], Range]:
    """A fixed upper end."""
    return lambda _: Range(high=high, text=f"<= {high:g}{unit}")


def at_least(low: float, unit: str = "") -> Callable[[Known], Range]:
    """A fixed lower end."""
    return lambda _: Range(low=low, text=f">= {low:g}{unit}")


def times(name: str, low: float, high: float) -> Callable[[Known], Range]:
    """A share of what `name` measures."""

    def limits(known: Known) -> Range:
        shares = f"{low:g}-{high:g}" if low > 0 else f"<= {high:g}"
        base = known.get(name, NAN)
        return Range(low=low * base if low > 0 else -INF, high=high * base, text=f"{shares} x {NAMES[name]}")

    return limits


def above(name: str, margin: float, unit: str = "") -> Callable[[Known], Range]:
    """At most `margin` more than what `name` measures; a negative margin asks for less."""

    def limits(known: Known) -> Range:
        return Range(high=known.get(name, NAN) + margin, text=f"<= {NAMES[name]} {margin:+g}{unit}")

    return limits


def chosen(known: Known) -> Range:
    """Half of the frames, and more of them than under another condition."""
    other = known.get("other_condition", NAN)
    return Range(low=float(np.maximum(50.0, np.nextafter(other, INF))), text=">= 50 % and > other condition")


ALIKE = "moves as the recordings do: a model that melts or trembles leaves this range within seconds"

CMU: tuple[Target, ...] = (
    Target(metric="nll", limits=above("constant_velocity", -0.8), reason="has learnt more than momentum"),
    Target(metric="bone", limits=at_most(0.1, " %"), reason="bones are rigid by construction"),
    Target(metric="jerk", limits=times(REAL, 0.7, 1.3), reason=ALIKE),
    Target(metric="speed", limits=times(REAL, 0.7, 1.3), reason=ALIKE),
    Target(metric="root_speed", limits=times(REAL, 0.7, 1.3), reason=ALIKE),
    Target(metric="freeze", limits=above(REAL, 1, " %"), reason="a dancer who rests may, one who stops may not"),
    Target(metric="skate", limits=times(REAL, 0, 1.3), reason="feet that stand do not slide; salsa turns on them"),
    Target(metric="drift", limits=at_most(1.3), reason="the tenth minute is as human as the first"),
    Target(metric="coverage", limits=at_least(60, " %"), reason="knows the whole repertoire, not one loop of it"),
    Target(
        metric="frechet", limits=times("real_test", 0, 2), reason="as near to the recordings as other recordings are"
    ),
    Target(metric="guard", limits=at_most(0), reason="nothing had to be hidden at temperature 1"),
    Target(metric="reach", limits=chosen, reason="a condition leads to poses of its own genre"),
)
"""The bundled model, trained on the CMU dances."""

SEED55: tuple[Target, ...] = (
    Target(
        metric="nll",
        limits=above("constant_velocity", -0.51),
        reason="-3.85 where constant velocity is -3.34, nats per marker coordinate; the gap holds in any space",
    ),
    Target(metric="bone", limits=at_most(3.6, " %"), reason="skin moves over bones: the recording itself has 2.5 %"),
    Target(metric="bone_worst", limits=at_most(20, " %"), reason="no limb is torn off"),
    Target(metric="jerk", limits=times(REAL, 0.7, 1.3), reason=ALIKE),
    Target(metric="speed", limits=times(REAL, 0.85, 1.15), reason=ALIKE),
    Target(metric="root_speed", limits=times(REAL, 0.8, 1.25), reason=ALIKE),
    Target(metric="freeze", limits=at_most(6, " %"), reason="a dancer who rests may, one who stops may not"),
    Target(metric="skate", limits=times(REAL, 0, 1.56), reason="75 cm/s where the recording was found to have 48"),
    Target(metric="nearest", limits=at_most(7, " cm"), reason="every pose is one that a body can take"),
    Target(metric="drift", limits=at_most(1.3), reason="the tenth minute is as human as the first"),
    Target(metric="coverage", limits=at_least(80, " %"), reason="26 seconds can be known by heart"),
    Target(metric="guard", limits=at_most(0), reason="nothing had to be hidden at temperature 1"),
)
"""Models of the 55-marker recording."""

SETS: Mapping[str, tuple[Target, ...]] = {"cmu": CMU, "seed55": SEED55}

MARKERS = 55
"""Points of the seed's recording."""


def choose(spec: ModelSpec) -> tuple[str, tuple[Target, ...]]:
    """Name and targets of the set for a model: by the data it names, else by the number of its points."""
    name = spec.training.get("data")
    if not isinstance(name, str) or name not in SETS:
        joints = len(spec.skeleton.names) if spec.skeleton else 0
        name = "seed55" if joints == MARKERS else "cmu"
    return name, SETS[name]
