"""The body of 20 joints that the CMU recordings share, and where other rigs keep its joints.

The lengths are means over the valid frames of the CMU clips that train (leg length 0.85 m), left and right together;
the shoulder's and hip's directions and the standing heights come from the same frames. Measured again by

    python -c "from export.data import cmu, measure, splits; print(measure.report(splits.split(cmu.read()).train))"
"""

from engine.schema.skeleton import Contact, Hinge, Leg, Skeleton, Vector

TOE_HEIGHT = 0.025
"""Median height of the toe joint of a foot that stands flat, metres."""

ANKLE_HEIGHT = 0.054
"""Median height of the ankle joint of a foot that stands flat, metres."""

PELVIS_HEIGHT = 0.8816
"""Height of the pelvis over straight legs, metres: thigh, shin and ankle less the hip's rise over the pelvis."""

JOINTS: tuple[tuple[str, str, Vector], ...] = (
    ("pelvis", "", (0.0, PELVIS_HEIGHT, 0.0)),
    ("chest", "pelvis", (0.0, 0.3174, 0.0)),
    ("neck", "chest", (0.0, 0.2316, 0.0)),
    ("head", "neck", (0.0, 0.1359, 0.0)),
    ("l_shoulder", "chest", (0.127, 0.1822, 0.0)),
    ("l_elbow", "l_shoulder", (0.2818, 0.0, 0.0)),
    ("l_wrist", "l_elbow", (0.2419, 0.0, 0.0)),
    ("l_hand", "l_wrist", (0.0941, 0.0, 0.0)),
    ("r_shoulder", "chest", (-0.127, 0.1822, 0.0)),
    ("r_elbow", "r_shoulder", (-0.2818, 0.0, 0.0)),
    ("r_wrist", "r_elbow", (-0.2419, 0.0, 0.0)),
    ("r_hand", "r_wrist", (-0.0941, 0.0, 0.0)),
    ("l_hip", "pelvis", (0.0914, 0.0224, 0.0)),
    ("l_knee", "l_hip", (0.0, -0.3855, 0.0)),
    ("l_ankle", "l_knee", (0.0, -0.4645, 0.0)),
    ("l_toe", "l_ankle", (0.0, -0.029, 0.126)),
    ("r_hip", "pelvis", (-0.0914, 0.0224, 0.0)),
    ("r_knee", "r_hip", (0.0, -0.3855, 0.0)),
    ("r_ankle", "r_knee", (0.0, -0.4645, 0.0)),
    ("r_toe", "r_ankle", (0.0, -0.029, 0.126)),
)
"""Name, parent and rest offset in metres: a T-pose facing +Z, the pelvis above the floor, feet flat."""

NAMES: tuple[str, ...] = tuple(name for name, _, _ in JOINTS)

HINGES: tuple[tuple[str, Vector], ...] = (
    ("l_knee", (1.0, 0.0, 0.0)),
    ("r_knee", (1.0, 0.0, 0.0)),
    ("l_elbow", (0.0, -1.0, 0.0)),
    ("r_elbow", (0.0, 1.0, 0.0)),
)
"""Joints with one axis, and the axis in the T-pose: shins bend back, forearms forward, as the palms look down."""


def _leg(side: str) -> Leg:
    hip, knee, ankle, toe = (NAMES.index(f"{side}_{joint}") for joint in ("hip", "knee", "ankle", "toe"))
    return Leg(hip=hip, knee=knee, ankle=ankle, toe=toe)


def _contacts() -> tuple[Contact, ...]:
    heights = {"toe": TOE_HEIGHT, "ankle": ANKLE_HEIGHT}
    return tuple(
        Contact(joint=NAMES.index(f"{side}_{joint}"), height=height)
        for side in ("l", "r")
        for joint, height in heights.items()
    )


CORE20 = Skeleton(
    names=NAMES,
    parents=tuple(NAMES.index(parent) if parent else -1 for _, parent, _ in JOINTS),
    offsets=tuple(offset for _, _, offset in JOINTS),
    facing=tuple((NAMES.index(f"l_{joint}"), NAMES.index(f"r_{joint}")) for joint in ("hip", "shoulder")),
    legs=(_leg("l"), _leg("r")),
    contacts=_contacts(),
    hinges=tuple(Hinge(joint=NAMES.index(name), axis=axis) for name, axis in HINGES),
)
"""The skeleton itself."""
