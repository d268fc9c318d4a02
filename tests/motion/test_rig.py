"""Which bones a body is turned by."""

import msgspec
import numpy as np
import pytest

from engine.motion.core20 import CORE20, NAMES
from engine.motion.markers import MARKERS
from engine.motion.rig import Rig, make_rig
from engine.schema.skeleton import Skeleton

HELPERS = {
    "chest_base": "pelvis",
    "l_hip_base": "pelvis",
    "r_hip_base": "pelvis",
    "l_shoulder_base": "chest",
    "r_shoulder_base": "chest",
}


def made(skeleton: Skeleton) -> Rig:
    rig = make_rig(skeleton)
    assert rig is not None
    return rig


def above(rig: Rig) -> dict[str, str]:
    """The name of each bone's parent."""
    parents = rig.parents.tolist()
    return {name: rig.names[parent] if parent >= 0 else "" for name, parent in zip(rig.names, parents, strict=True)}


def test_helpers_stand_where_several_bones_leave_a_joint() -> None:
    rig = made(CORE20)
    assert len(rig.names) == 25
    assert set(rig.names) == {*NAMES, *HELPERS}
    tree = above(rig)
    assert {name: tree[name] for name in HELPERS} == HELPERS
    assert (tree["chest"], tree["l_shoulder"], tree["neck"]) == ("chest_base", "l_shoulder_base", "chest")
    assert all(parent < bone for bone, parent in enumerate(rig.parents))


def test_bones_keep_their_offsets_and_helpers_have_none() -> None:
    rig = made(CORE20)
    assert rig.joints == NAMES
    assert [rig.names[bone] for bone in rig.bones] == list(NAMES)
    np.testing.assert_array_equal(rig.offsets[rig.bones], CORE20.offsets)
    for name, joint in HELPERS.items():
        bone = rig.names.index(name)
        np.testing.assert_array_equal(rig.offsets[bone], 0)
        assert rig.joints[rig.joint[bone]] == joint
        assert rig.joints[rig.helper[bone]] == name.removesuffix("_base")


def shuffled(skeleton: Skeleton, seed: int) -> Skeleton:
    """The same body, its joints in another order; legs and contacts left out."""
    order = np.random.default_rng(seed).permutation(len(skeleton.names)).tolist()
    at = {joint: place for place, joint in enumerate(order)}
    return Skeleton(
        names=tuple(skeleton.names[joint] for joint in order),
        parents=tuple(at.get(skeleton.parents[joint], -1) for joint in order),
        offsets=tuple(skeleton.offsets[joint] for joint in order),
        facing=tuple((at[left], at[right]) for left, right in skeleton.facing),
        hinges=tuple(msgspec.structs.replace(hinge, joint=at[hinge.joint]) for hinge in skeleton.hinges),
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_joints_does_not_matter(seed: int) -> None:
    assert above(made(shuffled(CORE20, seed))) == above(made(CORE20))


def test_a_helper_takes_no_name_that_is_taken() -> None:
    skeleton = Skeleton(
        names=("root", "a", "b", "b_base"),
        parents=(-1, 0, 0, 1),
        offsets=((0, 1, 0), (0, 1, 0), (1, 0, 0), (0, 1, 0)),
        facing=(),
    )
    assert made(skeleton).names == ("root", "a", "b_base_base", "b", "b_base")


def test_known_markers_stand_for_the_body_of_20_joints() -> None:
    names = tuple(sorted(MARKERS))
    parents = (-1, *([0] * (len(names) - 1)))
    offsets = ((0.0, 1.0, 0.0),) * len(names)
    markers = Skeleton(names=names, parents=parents, offsets=offsets, facing=(), rigid=False)
    assert made(markers).names == made(CORE20).names
    strange = msgspec.structs.replace(markers, names=tuple(f"m{index}" for index in range(len(names))))
    assert make_rig(strange) is None


def test_a_single_point_has_no_rotations() -> None:
    assert make_rig(Skeleton(names=("root",), parents=(-1,), offsets=((0, 1, 0),), facing=())) is None
