"""Joint centres from markers: worked examples, and the dance that was recorded with them."""

from pathlib import Path

import numpy as np
import pytest
from motion import bodies
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from engine.motion import markers
from engine.motion.core20 import CORE20, NAMES
from engine.schema.frame import F32
from engine.schema.skeleton import Skeleton
from export.data import points

F64 = NDArray[np.float64]

ORDER = tuple(sorted(markers.MARKERS))


def skeleton(names: tuple[str, ...] = ORDER) -> Skeleton:
    parents = (-1, *([0] * (len(names) - 1)))
    return Skeleton(names=names, parents=parents, offsets=((0.0, 1.0, 0.0),) * len(names), facing=(), rigid=False)


def solved(body: F64 | F32, names: tuple[str, ...] = ORDER) -> F32:
    centres = markers.centres(skeleton(names))
    assert centres is not None
    return centres(np.asarray(body, np.float32))


def someone(seed: int = 0) -> F64:
    """Markers (J, 3) anywhere, but for those of pelvis and thorax, which make a body."""
    body = np.random.default_rng(seed).normal(0, 0.5, (len(ORDER), 3))
    known = {
        "lfwt": (0.12, 1.0, 0.10),
        "rfwt": (-0.12, 1.0, 0.10),
        "lbwt": (0.05, 1.0, -0.05),
        "rbwt": (-0.05, 1.0, -0.05),
        "c7": (0, 1.5, -0.05),
        "clav": (0, 1.5, 0.05),
        "t10": (0, 1.3, -0.1),
        "strn": (0, 1.3, 0.1),
        "lfsh": (0.15, 1.45, 0.05),
        "lbsh": (0.15, 1.45, -0.05),
        "rfsh": (-0.15, 1.45, 0.05),
        "rbsh": (-0.15, 1.45, -0.05),
    }
    for name, place in known.items():
        body[ORDER.index(name)] = place
    return body


def joint(joints: F32, name: str) -> F32:
    return np.asarray(joints[..., NAMES.index(name), :])


def test_hips_lie_where_the_regression_says() -> None:
    """Breadth 24 cm, depth 15 cm: 33 % + 7.3 mm outwards, 30 % + 10.9 mm down, 24 % + 9.9 mm back."""
    joints = solved(someone())
    np.testing.assert_allclose(joint(joints, "l_hip"), (0.0865, 0.9171, 0.0541), atol=1e-6)
    np.testing.assert_allclose(joint(joints, "r_hip"), (-0.0865, 0.9171, 0.0541), atol=1e-6)
    pelvis = joint(joints, "pelvis")
    np.testing.assert_allclose(pelvis, (0, 0.9171 - 0.0865 * 0.0224 / 0.0914, 0.0541), atol=1e-6)


def test_shoulders_lie_below_and_outside_their_markers() -> None:
    joints = solved(someone())
    np.testing.assert_allclose(joint(joints, "l_shoulder"), (0.15 + 0.03, 1.45 - 0.0225, 0), atol=1e-6)
    np.testing.assert_allclose(joint(joints, "r_shoulder"), (-0.15 - 0.03, 1.45 - 0.0225, 0), atol=1e-6)


def test_knees_and_elbows_lie_between_their_markers() -> None:
    body = someone()
    for name, pair in (("l_knee", ("lkne", "lkni")), ("r_elbow", ("relb", "riel"))):
        middle = body[[ORDER.index(marker) for marker in pair]].mean(0)
        np.testing.assert_allclose(joint(solved(body), name), middle, atol=1e-6)


def test_joints_go_with_the_body() -> None:
    turn, step = Rotation.from_rotvec((0.4, -1.2, 0.7)), np.array((1.0, 0.2, -3.0))
    body = someone()
    moved = solved(turn.apply(body) + step)
    np.testing.assert_allclose(moved, turn.apply(solved(body)) + step, atol=2e-6)


def test_a_mirror_image_has_the_mirrored_joints() -> None:
    other = [ORDER.index({"l": "r", "r": "l"}[n[0]] + n[1:]) if n[0] in "lr" else ORDER.index(n) for n in ORDER]
    swap = [NAMES.index({"l_": "r_", "r_": "l_"}[n[:2]] + n[2:]) if n[1] == "_" else NAMES.index(n) for n in NAMES]
    mirrored = solved(someone()[other] * (-1, 1, 1))
    np.testing.assert_allclose(mirrored, solved(someone())[swap] * (-1, 1, 1), atol=1e-6)


def test_many_bodies_are_seen_one_by_one_whatever_their_layout() -> None:
    many = np.stack([someone(seed) for seed in range(6)]).reshape(2, 3, -1, 3).astype(np.float32)
    scattered = np.asfortranarray(many)
    scattered.setflags(write=False)
    np.testing.assert_array_equal(solved(scattered), solved(many))
    np.testing.assert_allclose(solved(many)[1, 2], solved(many[1, 2]), atol=1e-6)


def test_names_may_be_written_in_capitals_and_all_are_needed() -> None:
    shouted = tuple(name.upper() for name in ORDER)
    np.testing.assert_array_equal(solved(someone(), shouted), solved(someone()))
    assert markers.centres(skeleton(ORDER[1:])) is None
    assert markers.centres(CORE20) is None


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_markers_that_are_lost_raise_nothing(value: float) -> None:
    joints = solved(np.full((len(ORDER), 3), value))
    assert joints.shape == (20, 3)
    assert np.isfinite(joints).all() == np.isfinite(value)


def test_joints_of_the_recorded_dance_are_nearly_rigid(data_dir: Path) -> None:
    """Against the plain middles of markers: no bone varies much more, thighs and hips much less."""
    clip = points.read(data_dir / "seed_dance55/dance.npy")
    centres = markers.centres(clip.skeleton)
    assert centres is not None
    joints = centres(clip.positions)
    reference = points.read(data_dir / "seed_dance55/seed_core20_24fps.npz").positions
    assert np.isfinite(joints).all()
    bones = [NAMES[child] for _, child in CORE20.edges]
    lengths = bodies.lengths(joints)
    spread = dict(zip(bones, lengths.std(0), strict=True))
    plain = dict(zip(bones, bodies.lengths(reference).std(0), strict=True))
    assert max(spread.values()) < 0.02 < plain["r_knee"]
    assert max(spread["l_hip"], spread["r_hip"]) < 0.003 < plain["l_hip"]
    assert all(spread[bone] < plain[bone] + 0.005 for bone in bones)
    assert lengths.mean(0)[bones.index("l_knee")] == pytest.approx(0.43, abs=0.02)
    steps = np.linalg.norm(np.diff(joints, axis=0), axis=-1) * clip.fps
    assert steps.max() < 1.5 * (np.linalg.norm(np.diff(reference, axis=0), axis=-1) * clip.fps).max()
