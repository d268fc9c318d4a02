"""Which joints of well-known rigs give the 20 joints of `CORE20`; several joints stand for their middle."""

from collections.abc import Collection
from itertools import chain

from engine.motion.core20 import NAMES

Rig = tuple[tuple[str, ...], ...]


def _sides(pattern: str, names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple((pattern.format(name),) for name in names)


_DAZ_ARM = ("Shldr", "ForeArm", "Hand", "Mid1")
_DAZ_LEG = ("Thigh", "Shin", "Foot", "Foot_End")
_CC_ARM = ("Upperarm", "Forearm", "Hand", "Mid1")
_CC_LEG = ("Thigh", "Calf", "Foot", "ToeBase")

DAZ: Rig = (
    ("hip",),
    ("chest",),
    ("neck",),
    ("head", "leftEye", "rightEye"),
    *_sides("l{}", _DAZ_ARM),
    *_sides("r{}", _DAZ_ARM),
    *_sides("l{}", _DAZ_LEG),
    *_sides("r{}", _DAZ_LEG),
)
"""DAZ-friendly figures: the head joint lies in the neck, so the eyes lift it; the toe is the foot's end site."""

ICLONE: Rig = (
    ("CC_Base_Hip",),
    ("CC_Base_Spine02",),
    ("CC_Base_NeckTwist01",),
    ("CC_Base_Head",),
    *_sides("CC_Base_L_{}", _CC_ARM),
    *_sides("CC_Base_R_{}", _CC_ARM),
    *_sides("CC_Base_L_{}", _CC_LEG),
    *_sides("CC_Base_R_{}", _CC_LEG),
)
"""Character Creator figures of iClone."""

OWN: Rig = _sides("{}", NAMES)
"""The body itself, as the engine's recordings are exported."""

RIGS = (DAZ, ICLONE, OWN)
"""Every rig that is known, each in the order of `CORE20.names`."""


def detect(names: Collection[str]) -> Rig | None:
    """The rig whose joints are all among `names`; None for a rig that is not known."""
    return next((rig for rig in RIGS if set(chain.from_iterable(rig)) <= set(names)), None)
