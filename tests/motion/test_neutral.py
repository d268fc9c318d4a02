"""A body that stands calmly."""

import msgspec
import numpy as np
import pytest
import tiny
from motion import bodies

from engine.motion import neutral as module
from engine.motion.core20 import CORE20, NAMES
from engine.motion.heading import heading, world
from engine.motion.neutral import Stand, neutral
from engine.schema.skeleton import Contact


def joint(name: str) -> bodies.F64:
    return np.asarray(neutral(CORE20)[NAMES.index(name)], np.float64)


def test_it_is_a_body() -> None:
    assert bodies.worst_bone(neutral(CORE20)) < 1e-6
    assert neutral(CORE20).dtype == np.float32


def test_it_stands_on_both_feet_above_the_origin_facing_forward() -> None:
    body = neutral(CORE20)
    for contact in CORE20.contacts:
        assert body[contact.joint, 1] == pytest.approx(contact.height, abs=1e-6)
    np.testing.assert_array_equal(body[CORE20.root, [0, 2]], 0)
    assert heading(body, CORE20) == 0
    assert joint("l_toe")[2] > joint("l_ankle")[2]
    assert joint("head")[1] == pytest.approx(1.57, abs=0.01)


def test_its_arms_hang_beside_it() -> None:
    for side, sign in (("l", 1), ("r", -1)):
        shoulder, elbow, hand = (joint(f"{side}_{name}") for name in ("shoulder", "elbow", "hand"))
        assert 0.6 < hand[1] < elbow[1] < shoulder[1]
        assert sign * hand[0] > sign * elbow[0] > sign * shoulder[0]
        assert 0.1 < sign * hand[0] - sign * joint(f"{side}_hip")[0] < 0.2
        assert 0.05 < hand[2] < 0.15  # elbows bend forward


def test_it_is_the_same_on_both_sides() -> None:
    other = {"l": "r", "r": "l"}
    mirrored = [NAMES.index(other[name[0]] + name[1:] if name[1] == "_" else name) for name in NAMES]
    np.testing.assert_allclose(neutral(CORE20)[mirrored] * (-1, 1, 1), neutral(CORE20), atol=1e-7)


def test_another_skeleton_stands_as_it_rests() -> None:
    """On its lowest joint, at the height that this one is known to have."""
    body = neutral(tiny.SKELETON)
    np.testing.assert_allclose(body - body[:1], tiny.OFFSETS, atol=1e-7)
    assert body[:, 1].min() == 0
    moved = tiny.SKELETON.offsets[0][0] + 2.0, 5.0, -3.0
    offsets = (moved, (0.3, -0.2, 0.0), *tiny.SKELETON.offsets[2:])
    for joint, floor in ((1, 0.04), (2, 0.0)):
        contacts = (Contact(joint=joint, height=0.04),)
        body = neutral(msgspec.structs.replace(tiny.SKELETON, offsets=offsets, contacts=contacts))
        assert body[1, 1] == pytest.approx(floor)
        assert body[:, 1].argmin() == 1
        np.testing.assert_array_equal(body[0, [0, 2]], 0)


def test_a_skeleton_whose_names_are_others_has_no_known_arms() -> None:
    names = tuple(f"my_{name}" for name in NAMES)
    body = neutral(msgspec.structs.replace(CORE20, names=names))
    assert body[NAMES.index("l_hand"), 0] == pytest.approx(0.127 + 0.2818 + 0.2419 + 0.0941)


def test_it_stands_where_it_is_to_stand() -> None:
    draw = np.random.default_rng(2)
    places = draw.normal(size=(5, 3)) * (3, 3, 1)
    roots = np.zeros((5, 7), np.float32)
    roots[:, 0], roots[:, 2] = places[:, 0], places[:, 1]
    roots[:, 4], roots[:, 6] = np.sin(places[:, 2] / 2), np.cos(places[:, 2] / 2)
    found = Stand(CORE20).pose(roots)
    expected = world(np.repeat(neutral(CORE20)[None].astype(np.float64), 5, 0), places)
    np.testing.assert_allclose(found.positions, expected, atol=1e-6)
    np.testing.assert_array_equal(found.root, roots)
    assert not np.shares_memory(found.root, roots)
    assert found.positions.dtype == found.root.dtype == np.float32
    assert Stand(CORE20).pose(roots[:0]).positions.shape == (0, 20, 3)


def test_nothing_is_compiled_by_the_first_pose() -> None:
    made = Stand(CORE20)
    compiled = len(module.put_at.signatures)  # type: ignore[attr-defined]
    made.pose(np.zeros((3, 7), np.float32))
    assert len(module.put_at.signatures) == compiled  # type: ignore[attr-defined]
