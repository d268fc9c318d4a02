import msgspec
import pytest

from engine.motion.core20 import CORE20
from engine.schema.errors import DataError
from engine.schema.skeleton import Skeleton
from export.data.pairs import pairs, partners


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("l_knee", "r_knee"),
        ("knee_l", "knee_r"),
        ("knee_L", "knee_R"),
        ("L_knee", "R_knee"),
        ("CC_Base_L_Calf", "CC_Base_R_Calf"),
        ("LeftLeg", "RightLeg"),
        ("leftEye", "rightEye"),
        ("lShin", "rShin"),
        ("lfwt", "rfwt"),
        ("LFWT", "RFWT"),
    ],
)
def test_sides_are_told_by_names(left: str, right: str) -> None:
    assert pairs(("pelvis", right, "labelinghips", left)) == [(3, 1)]


def test_core20_has_eight_pairs_and_four_joints_in_the_middle() -> None:
    partner = partners(CORE20)
    assert [CORE20.names[joint] for joint, other in enumerate(partner) if joint == other] == [
        "pelvis",
        "chest",
        "neck",
        "head",
    ]
    assert all(partner[other] == joint for joint, other in enumerate(partner))
    assert all(partner[left] == right for left, right in CORE20.facing)


def test_a_side_joint_without_a_partner_is_refused(body: Skeleton) -> None:
    names = tuple("wing" if name == "r_toe" else name for name in body.names)
    with pytest.raises(DataError, match=r"mirror: (l_toe|wing) rests [+-]0.10 m beside the middle and has no partner"):
        partners(msgspec.structs.replace(body, names=names))


def test_sides_that_hang_differently_are_refused(body: Skeleton) -> None:
    crooked = msgspec.structs.replace(body, parents=(-1, 0, 1, 2, 3, 0, 5, 6, 6), legs=())
    with pytest.raises(DataError, match="mirror: l_toe hangs on l_ankle, r_toe on r_knee"):
        partners(crooked)


def test_sides_of_different_length_are_refused(body: Skeleton) -> None:
    offsets = list(body.offsets)
    offsets[6] = (0.0, -0.5, 0.0)
    with pytest.raises(DataError, match=r"mirror: l_knee is 0.400 m long, r_knee 0.500 m; expected .* at most 10%"):
        partners(msgspec.structs.replace(body, offsets=tuple(offsets)))
