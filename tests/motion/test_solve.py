"""Rotations from positions: exact, the ones that a body was posed with, continuous, and each performer's own."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from motion import bodies
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from engine.motion import kinematics
from engine.motion.aims import aims
from engine.motion.bones import Bones
from engine.motion.core20 import CORE20, NAMES
from engine.motion.solve import Solver
from engine.schema.errors import ModelError
from engine.schema.frame import F32, Body
from engine.schema.skeleton import Skeleton
from export.data import cmu, points, splits

F64 = NDArray[np.float64]

FPS = 30.0
IDENTITY = np.array((0.0, 0.0, 0.0, 1.0))
SWAP = [
    NAMES.index({"l_": "r_", "r_": "l_"}[name[:2]] + name[2:]) if name[1] == "_" else at
    for at, name in enumerate(NAMES)
]
"""The joint on the other side."""


def copied(turns: F32 | None, body: Body) -> tuple[F32 | None, Body]:
    """What a solver gave, in arrays that its next call leaves alone."""
    return None if turns is None else turns.copy(), Body(*(part.copy() for part in body))


def solve_clip(skeleton: Skeleton, positions: F32, fps: float) -> tuple[F32 | None, Body]:
    """The frames (T, J, 3) of one performer, as `Solver.solve` would give them one by one; T stands for P."""
    solver = Solver(skeleton, fps)
    solved = [copied(*solver.solve(frame[None], (1,))) for frame in positions]
    rotations = [turns for turns, _ in solved if turns is not None]
    joints, bones = (np.concatenate(column) for column in zip(*(body for _, body in solved), strict=True))
    return (np.concatenate(rotations) if rotations else None), Body(joints, bones)


def vectors(frames: int = 1, **joints: tuple[float, float, float]) -> F64:
    """Rotation vectors (T, J, 3), radians, of the joints that are named, zeros for the others."""
    turns = np.zeros((frames, len(NAMES), 3))
    for name, vector in joints.items():
        turns[:, NAMES.index(name)] = vector
    return turns


def clip(positions: F32 | F64, fps: float = FPS) -> tuple[F32, Body]:
    """Rotations (T, J, 4) and bodies of one performer."""
    rotations, body = solve_clip(CORE20, np.asarray(positions, np.float32), fps)
    assert rotations is not None
    return rotations, body


def close(found: F32, turns: F64, degrees: float) -> bool:
    """Whether rotations (T, J, 4) are those of vectors (T, J, 3)."""
    expected = Rotation.from_rotvec(turns.reshape(-1, 3))
    away = (expected.inv() * Rotation.from_quat(found.reshape(-1, 4))).magnitude()
    return bool(np.degrees(away).max() < degrees)


def steps(rotations: F32 | F64) -> F64:
    """Degrees (T - 1, K) that rotations (T, K, 4) turn from frame to frame; a change of sign counts as a full turn."""
    q = rotations.astype(np.float64)
    apart = np.linalg.norm(np.diff(q, axis=0), axis=-1)
    return np.asarray(np.degrees(4 * np.arcsin(np.clip(apart / 2, 0, 1))))


def error(skeleton: Skeleton, body: Body, positions: F32) -> float:
    """Greatest distance in metres between positions and what forward kinematics makes of the rotations."""
    rig = Solver(skeleton, FPS).rig
    made = kinematics.forward(rig, body.bones, positions[:, skeleton.root])
    return float(np.linalg.norm(made - positions, axis=-1).max())


def test_a_t_pose_is_no_rotation_anywhere() -> None:
    rotations, body = clip(bodies.posed(vectors()))
    np.testing.assert_allclose(rotations, np.tile(IDENTITY, (1, 20, 1)), atol=1e-6)
    np.testing.assert_allclose(body.bones, np.tile(IDENTITY, (1, 25, 1)), atol=1e-6)


def test_a_body_that_turns_turns_its_root_only() -> None:
    turns = vectors(pelvis=(0.3, 2.0, -0.4))
    rotations, body = clip(bodies.posed(turns) + np.array((3.0, 0.5, -2.0)))
    assert close(rotations, turns, 1e-3)
    assert close(body.bones, np.tile(turns[:, :1], (1, 25, 1)), 1e-3)


RAISED = (0.0, 0.0, np.pi / 2)


@pytest.mark.parametrize(
    "turns",
    [
        pytest.param(vectors(l_shoulder=RAISED), id="the left arm is raised"),
        pytest.param(vectors(l_shoulder=(0, -np.pi / 2, 0)), id="the left arm points forward"),
        pytest.param(vectors(l_elbow=(0, -np.pi / 2, 0)), id="the left elbow is bent"),
        pytest.param(vectors(r_elbow=(0, np.pi / 2, 0)), id="the right elbow is bent"),
        pytest.param(vectors(l_shoulder=(0.9, 0, -1.0), l_elbow=(0, -1.2, 0)), id="the left hand is up, elbow bent"),
        pytest.param(vectors(r_shoulder=(-1.0, 0.3, 1.0), r_elbow=(0, 0.6, 0)), id="the right arm is twisted"),
        pytest.param(vectors(l_hip=(-1.0, 0.3, 0.2), l_knee=(1.5, 0, 0)), id="the left knee is up"),
        pytest.param(vectors(r_hip=(0, -0.6, 0)), id="the right leg is turned out, and straight"),
        pytest.param(vectors(chest=(0.2, 0.5, -0.1)), id="the chest turns"),
        pytest.param(vectors(neck=(0.4, 0, -0.2)), id="the head nods"),
        pytest.param(vectors(l_wrist=(0, 0.2, 0.5), l_ankle=(0.5, 0, 0)), id="hand and foot"),
    ],
)
def test_the_joints_that_were_turned_come_back(turns: F64) -> None:
    rotations, body = clip(bodies.posed(turns))
    assert close(rotations, turns, 0.1)
    assert error(CORE20, body, bodies.posed(turns).astype(np.float32)) < 1e-6


def test_a_raised_left_arm_is_a_raised_left_arm() -> None:
    """Palm and bend of the elbow look to the head's side; the quaternion is the quarter turn about +Z."""
    rotations, _ = clip(bodies.posed(vectors(l_shoulder=RAISED)))
    np.testing.assert_allclose(rotations[0, NAMES.index("l_shoulder")], (0, 0, np.sqrt(0.5), np.sqrt(0.5)), atol=1e-6)
    others = np.delete(rotations[0], NAMES.index("l_shoulder"), 0)
    np.testing.assert_allclose(others, np.tile(IDENTITY, (19, 1)), atol=1e-6)


def test_knees_of_a_body_without_declared_hinges_still_fix_its_thighs() -> None:
    bare = Skeleton(
        names=CORE20.names, parents=CORE20.parents, offsets=CORE20.offsets, facing=CORE20.facing, legs=CORE20.legs
    )
    turns = vectors(l_hip=(-1.0, 0.3, 0.2), l_knee=(1.5, 0, 0))
    rotations, _ = solve_clip(bare, bodies.posed(turns).astype(np.float32), FPS)
    assert rotations is not None
    assert close(rotations, turns, 0.1)


@st.composite
def trees(draw: st.DrawFn) -> Skeleton:
    """Trees of 2 to 9 joints, some bones without a length, children before or behind their parents, perhaps a pair."""
    count = draw(st.integers(2, 9))
    place = draw(st.permutations(range(count)))
    parents = [-1] * count
    for joint in range(1, count):
        parents[place[joint]] = place[draw(st.integers(0, joint - 1))]
    side = st.sampled_from((-0.3, 0.0, 0.2))
    offsets = tuple(draw(st.tuples(side, side, side)) for _ in range(count))
    facing = ((place[0], place[1]), (place[1], place[-1])) if draw(st.booleans()) else ()
    return Skeleton(names=tuple(map(str, range(count))), parents=tuple(parents), offsets=offsets, facing=facing)


@settings(deadline=None, max_examples=60)
@given(skeleton=trees(), seed=st.integers(0, 999))
def test_every_tree_gives_its_positions_back(skeleton: Skeleton, seed: int) -> None:
    draw = np.random.default_rng(seed)
    turns = np.cumsum(draw.normal(0, 0.5, (4, len(skeleton.names), 3)), 0)
    positions = bodies.posed(turns, skeleton).astype(np.float32)
    rotations, body = solve_clip(skeleton, positions, FPS)
    assert rotations is not None
    assert error(skeleton, body, positions) < 1e-5
    np.testing.assert_allclose(np.linalg.norm(rotations, axis=-1), 1, atol=1e-5)
    rest, _ = solve_clip(skeleton, bodies.posed(np.zeros_like(turns), skeleton).astype(np.float32), FPS)
    assert rest is not None
    np.testing.assert_allclose(rest, np.broadcast_to(IDENTITY, rotations.shape), atol=1e-4)


def test_an_elbow_that_stretches_and_bends_again_keeps_its_arm() -> None:
    """Through straight and 8 degrees beyond: the upper arm was turned by 1 radian about itself, and stays so."""
    bend = np.radians(34 + 42 * np.cos(np.linspace(0, 4 * np.pi, 240)))
    turns = vectors(240, l_shoulder=(1.0, 0, 0))
    turns[:, NAMES.index("l_elbow"), 1] = -bend
    rotations, _ = clip(bodies.posed(turns))
    assert np.degrees(bend.min()) < -7
    assert close(rotations[:, [NAMES.index("l_shoulder")]], turns[:, [NAMES.index("l_shoulder")]], 8.0)
    assert steps(rotations).max() < 5


def test_a_knee_that_wobbles_about_straight_does_not_spin_its_thigh() -> None:
    draw = np.random.default_rng(0)
    turns = vectors(200)
    turns[:, NAMES.index("l_knee")] = draw.normal(0, np.radians(1.5), (200, 3))
    rotations, _ = clip(bodies.posed(turns))
    assert steps(rotations)[:, NAMES.index("l_hip")].max() < 5


def test_a_straight_leg_turns_with_its_foot() -> None:
    turns = vectors(60)
    turns[30:, NAMES.index("r_hip"), 1] = -0.6
    rotations, _ = clip(bodies.posed(turns))
    assert close(rotations[-1:, [NAMES.index("r_hip")]], turns[-1:, [NAMES.index("r_hip")]], 3.0)
    assert steps(rotations)[:, NAMES.index("r_hip")].max() < 15


def test_a_straight_arm_passes_its_antipode_without_a_flip() -> None:
    """From the T-pose over the front to the other side and back, just below the opposite direction."""
    angle = np.radians(180 * np.sin(np.linspace(0, np.pi, 90)))
    turns = vectors(90)
    turns[:, NAMES.index("l_shoulder")] = np.stack([0 * angle, -angle, 0.02 * np.sin(angle)], -1)
    rotations, _ = clip(bodies.posed(turns))
    assert steps(rotations).max() < 15


@pytest.mark.parametrize("fps", [24.0, 60.0, 120.0])
def test_a_plane_that_jumps_is_followed_at_a_limited_speed(fps: float) -> None:
    """The forearm swings to the other side in one frame: the upper arm turns over, but takes its time."""
    turns = vectors(round(2 * fps), l_elbow=(0, -1.0, 0))
    turns[round(fps) :, NAMES.index("l_shoulder")] = (np.pi, 0, 0)
    rotations, _ = clip(bodies.posed(turns), fps)
    shoulder = rotations[:, [NAMES.index("l_shoulder")]]
    assert steps(shoulder).max() * fps == pytest.approx(12 * 30, rel=0.01)
    assert close(shoulder[-1:], turns[-1:, [NAMES.index("l_shoulder")]], 1.0)


def test_a_dance_runs_backwards_as_well() -> None:
    dance = bodies.dance(120, 3).positions
    there_and_back = np.concatenate([dance, dance[::-1]])
    rotations, body = clip(there_and_back)
    assert error(CORE20, body, there_and_back) < 1e-5
    assert steps(rotations).max() < 30


def mirrored(rotations: F32) -> F32:
    """What rotations (..., J, 4) become in a mirror across x."""
    return np.asarray(rotations[..., SWAP, :] * np.array((1, -1, -1, 1), np.float32))


def test_a_mirrored_body_has_mirrored_rotations() -> None:
    dance = bodies.dance(90, 5).positions
    rotations, _ = clip(dance)
    other, _ = clip(dance[:, SWAP] * np.array((-1, 1, 1), np.float32))
    np.testing.assert_allclose(other, mirrored(rotations), atol=1e-4)


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 1e30])
def test_a_joint_that_is_nowhere_leaves_the_last_rotation(value: float) -> None:
    turns = vectors(3, l_elbow=(0, -1.0, 0))
    positions = bodies.posed(turns).astype(np.float32)
    positions[1] = value
    rotations, body = clip(positions)
    np.testing.assert_allclose(rotations, rotations[[0, 0, 0]], atol=1e-6)
    np.testing.assert_allclose(body.bones, body.bones[[0, 0, 0]], atol=1e-6)


def test_who_begins_nowhere_begins_at_rest() -> None:
    rotations, _ = clip(np.full((1, 20, 3), np.nan))
    np.testing.assert_array_equal(rotations[0], np.tile(IDENTITY, (20, 1)))


def test_performers_come_and_go_without_touching_each_other() -> None:
    dances = [bodies.dance(30, seed).positions for seed in range(3)]
    alone = [clip(dance)[0] for dance in dances]
    solver = Solver(CORE20, FPS)
    for frame in range(30):
        here = [2, 7, 64] if 10 <= frame < 20 else [2, 64]
        rows = [dances[(2, 7, 64).index(number)][frame] for number in here]
        rotations, body = solver.solve(np.stack(rows), here)
        assert rotations is not None
        assert len(body.bones) == len(body.joints) == len(here)
        np.testing.assert_array_equal(rotations[0], alone[0][frame])
        np.testing.assert_array_equal(rotations[-1], alone[2][frame])


def test_who_comes_back_begins_anew() -> None:
    """Its arm was turned over; when it stood aside for a frame, nothing is left of that."""
    straight, twisted = bodies.posed(vectors()), bodies.posed(vectors(l_shoulder=(2.0, 0, 0), l_elbow=(0, -1, 0)))
    solver = Solver(CORE20, FPS)
    solver.solve(twisted.astype(np.float32), [5])
    kept, _ = copied(*solver.solve(straight.astype(np.float32), [5]))
    solver.solve(straight.astype(np.float32), [6])
    anew, _ = solver.solve(straight.astype(np.float32), [5])
    assert kept is not None
    assert anew is not None
    assert close(anew, vectors(), 0.01)
    assert not close(kept, vectors(), 90)


def test_results_last_until_the_next_call_whatever_becomes_of_the_positions() -> None:
    solver = Solver(CORE20, FPS)
    dance = bodies.dance(2, 1).positions
    rotations, body = solver.solve(dance[:1], [1])
    assert rotations is not None
    before = rotations.copy(), body.joints.copy(), body.bones.copy()
    following = dance[1:].copy()
    dance[:] = 0
    for array, copy in zip((rotations, *body), before, strict=True):
        np.testing.assert_array_equal(array, copy)
    again, _ = solver.solve(following, [1])
    assert again is not None
    assert np.shares_memory(again, rotations)


def test_nobody_is_no_trouble() -> None:
    rotations, body = Solver(CORE20, FPS).solve(np.zeros((0, 20, 3), np.float32), [])
    assert rotations is not None
    assert (rotations.shape, body.joints.shape, body.bones.shape) == ((0, 20, 4), (0, 20, 3), (0, 25, 4))


def test_points_that_are_no_joints_are_refused() -> None:
    cloud = Skeleton(names=("a", "b"), parents=(-1, 0), offsets=((0, 1, 0), (1, 0, 0)), facing=(), rigid=False)
    with pytest.raises(ModelError, match="neither joints nor known markers"):
        Solver(cloud, FPS)


def lines(positions: F32) -> F64:
    """Degrees (T - 1, J) that the directions which a joint's rotation hits or is told by turn in a frame, at most."""
    found = np.zeros((len(positions) - 1, len(NAMES)))
    bones = [(parent, [(parent, child)]) for parent, child in CORE20.edges]
    told = [(joint, [link for link in (aim.exact, aim.side) if link]) for joint, aim in enumerate(aims(CORE20))]
    for joint, links in bones + told:
        for start, end in links:
            line = positions[:, end].astype(np.float64) - positions[:, start]
            line /= np.linalg.norm(line, axis=-1, keepdims=True)
            turned = np.degrees(2 * np.arcsin(np.clip(np.linalg.norm(np.diff(line, axis=0), axis=-1) / 2, 0, 1)))
            found[:, joint] = np.maximum(found[:, joint], turned)
    return found


def test_recorded_dances_come_back_and_never_flip(data_dir: Path) -> None:
    """Within 0.01 mm; and no joint turns by more than 30 degrees in a frame but where the recording itself does.

    A joint's rotation is one against its parent, so the recording does where the fastest line of the joint and the
    fastest of its parent turn by more than 30 degrees together.
    """
    shares = []
    for clip_ in splits.split(cmu.read(data_dir / cmu.FILE)).test:
        positions = clip_.positions.copy()
        Bones(CORE20).fit(positions)
        rotations, body = clip(positions, clip_.fps)
        assert error(CORE20, body, positions) < 1e-5
        rig = Solver(CORE20, clip_.fps).rig
        own = lines(positions)
        own += np.where(np.array(CORE20.parents) >= 0, own[:, CORE20.parents], 0)
        assert (steps(rotations)[own <= 30] <= 30).all(), clip_.name
        bones = steps(kinematics.local(rig, body.bones))
        assert (bones[own[:, rig.joint] <= 30] <= 30).all(), clip_.name
        shares.append((own > 30).mean())
    assert np.mean(shares) < 0.03


def test_recorded_elbows_and_knees_are_hinges(data_dir: Path) -> None:
    """Once they bend by more than 20 degrees they turn about their axis alone, forwards, but for one frame in 50."""
    pure = []
    for clip_ in splits.split(cmu.read(data_dir / cmu.FILE)).test:
        rotations, _ = clip(clip_.positions, clip_.fps)
        for hinge in CORE20.hinges:
            turn = Rotation.from_quat(rotations[:, hinge.joint]).as_rotvec()
            angle = np.linalg.norm(turn, axis=-1)
            along = (turn @ np.array(hinge.axis))[angle > np.radians(20)] / angle[angle > np.radians(20)]
            pure += (along > np.cos(np.radians(5))).tolist()
    assert np.mean(pure) > 0.98


def test_recorded_markers_give_a_body_that_moves_smoothly(data_dir: Path) -> None:
    clip_ = points.read(data_dir / "seed_dance55/dance.npy")
    rotations, body = solve_clip(clip_.skeleton, clip_.positions, clip_.fps)
    assert rotations is None
    assert body.joints.shape == (626, 20, 3)
    assert np.isfinite(body.bones).all()
    rig = Solver(clip_.skeleton, clip_.fps).rig
    turned = steps(kinematics.local(rig, body.bones))
    assert np.quantile(turned, 0.999) * clip_.fps < 30 * 30
