"""Who is drawn, and what a skeleton looks like."""

from dataclasses import replace

import numpy as np
import pytest
from recordings import bare, keys, recorded

from engine.motion import markers
from engine.motion.core20 import CORE20, NAMES
from engine.schema.skeleton import Skeleton
from export.drawing.cast import cast
from export.drawing.shape import LEFT, MIDDLE, RIGHT, shape
from export.recording import Performance


def test_joints_are_drawn_where_they_are_solved_and_where_they_are_not() -> None:
    recording = recorded(3)
    for one in (recording, bare(recording)):
        found = cast(one)
        assert found is not None
        (actor,) = found.actors
        np.testing.assert_allclose(actor.points, recording.performers[0].positions, atol=1e-4)


def test_known_markers_become_joints() -> None:
    names = tuple(sorted(markers.MARKERS))
    skeleton = Skeleton(
        names=names,
        parents=(-1, *(0,) * (len(names) - 1)),
        offsets=((0.0, 0.0, 0.0),) * len(names),
        facing=(),
        rigid=False,
    )
    positions = np.random.default_rng(1).uniform(0, 1.7, (2, len(names), 3)).astype(np.float32)
    root = np.tile(np.array([0, 0, 0, 0, 0, 0, 1], np.float32), (2, 1))
    body = Performance(number=4, present=np.ones(2, np.bool_), positions=positions, root=root)
    found = cast(replace(recorded(2), skeleton=skeleton, rig=None, performers=(body,)))
    assert found is not None
    assert found.actors[0].points.shape == (2, 20, 3)
    assert found.shape.head is not None


def test_keys_have_no_bodies() -> None:
    assert cast(keys()) is None


def test_sides_follow_from_what_faces() -> None:
    found = shape(CORE20, 1.65)
    tips = {NAMES[tip]: side for tip, side in zip(found.tips, found.sides, strict=True)}
    assert tips == {"l_hand": LEFT, "r_hand": RIGHT, "l_toe": LEFT, "r_toe": RIGHT}
    assert found.head == (NAMES.index("neck"), NAMES.index("head"))
    assert [part.head for part in found.parts].count(True) == 1
    assert sorted(part.side for part in found.parts) == [MIDDLE] * 3 + [LEFT] * 2 + [RIGHT] * 2


def test_every_bone_is_drawn() -> None:
    found = shape(CORE20, 1.65)
    strokes = {(int(start), int(end)) for start, end in zip(found.starts, found.ends, strict=True)}
    pairs = {joint for pair in CORE20.facing for joint in pair}
    assert {edge for edge in CORE20.edges if edge[1] not in pairs} <= strokes
    assert {(joint, joint) for joint in pairs} <= strokes
    drawn = {stroke for part in found.parts for piece in part.pieces for stroke in piece}
    assert drawn == set(range(len(found.starts)))


def test_a_small_body_has_thin_limbs() -> None:
    whole, half = shape(CORE20, 1.65), shape(CORE20, 0.825)
    np.testing.assert_allclose(half.thick, whole.thick / 2)


def test_one_joint_is_a_dot() -> None:
    dot = Skeleton(names=("ball",), parents=(-1,), offsets=((0.0, 0.0, 0.0),), facing=())
    found = shape(dot, 0.1)
    assert (found.starts == found.ends).all()
    assert found.tips == ()


def test_a_head_lies_beyond_the_neck() -> None:
    found = shape(CORE20, 1.65)
    body = recorded(1).performers[0].positions
    joints = found.joints(body)
    assert joints.shape == (1, 21, 3)
    neck, head, crown = (joints[0, joint] for joint in (NAMES.index("neck"), NAMES.index("head"), 20))
    along = (head - neck) / np.linalg.norm(head - neck)
    assert float((crown - head) @ along) == pytest.approx(float(np.linalg.norm(crown - head)))
