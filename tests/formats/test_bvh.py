"""BVH, read back by bvhio, by pymotion and by our own reader: every joint of every frame within 1 mm."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pymotion.io.bvh import BVH
from pymotion.ops.skeleton import fk
from recordings import bare, keys, recorded
from scipy.spatial.transform import Rotation

from engine.motion import kinematics
from engine.motion.core20 import CORE20
from engine.motion.rig import Rig
from engine.schema.errors import ConfigError, DataError
from export.data import bvh as reader
from export.data.bvh_pose import world
from export.data.bvh_text import parse
from export.formats import bvh
from export.formats.numbers import TOGETHER
from export.formats.options import Options
from export.recording import Performance, Recording
from export.sources import own

with warnings.catch_warnings():
    warnings.simplefilter("ignore", PendingDeprecationWarning)  # it imports PyGLM by its old name
    import bvhio

F64 = NDArray[np.float64]

MILLIMETRE = 1e-3
CENTIMETRE = 0.01


def written(recording: Recording, folder: Path, unit: str = "cm") -> Path:
    path = folder / "dance.bvh"
    bvh.write(recording, path, Options(unit=unit))
    return path


def by_bvhio(path: Path, rig: Rig) -> F64:
    root = bvhio.readAsHierarchy(str(path))
    joints = {joint.Name: joint for joint, _, _ in root.layout()}
    frames = []
    for frame in range(len(root.Keyframes)):
        root.loadPose(frame)
        frames.append([list(joints[name].PositionWorld) for name in rig.joints])
    return np.array(frames)


def by_pymotion(path: Path, rig: Rig) -> F64:
    file = BVH()
    file.load(str(path))
    turns, places, parents, offsets, _, _ = file.get_data()
    found, _ = fk(turns, places[:, 0], offsets, parents)
    return np.asarray(found[:, [list(file.data["names"]).index(name) for name in rig.joints]])


def by_ours(path: Path, rig: Rig) -> F64:
    file = parse(str(path), path.read_text())
    names = [node.name for node in file.nodes]
    found = world(file, [names.index(name) for name in rig.joints])
    return np.stack([found[names.index(name)] for name in rig.joints], 1)


READERS = [by_bvhio, by_pymotion, by_ours]

Reader = Callable[[Path, Rig], F64]


def rig_and_joints(recording: Recording) -> tuple[Rig, F64]:
    assert recording.rig is not None
    assert recording.performers[0].joints is not None
    return recording.rig, recording.performers[0].joints.astype(np.float64)


def posed(bones: F64, rig: Rig) -> Recording:
    """A recording of bones (T, K, 4) in the world."""
    frames = len(bones)
    joints = kinematics.forward(rig, bones, np.tile((0.3, 0.9, -0.2), (frames, 1))).astype(np.float32)
    body = Performance(
        number=1,
        present=np.ones(frames, np.bool_),
        positions=joints,
        root=np.zeros((frames, 7), np.float32),
        joints=joints,
        bones=bones.astype(np.float32),
    )
    whole = recorded(1)
    return replace(whole, performers=(body,), frames=frames)


def locked(middle: float) -> Recording:
    """Bones that turn any way about Z and Y while X, the middle angle, stays at so many degrees, one side or other."""
    rig, _ = rig_and_joints(recorded(1))
    draw = np.random.default_rng(4)
    angles = draw.uniform(-180, 180, (24, len(rig.names), 3))
    angles[..., 1] = middle * draw.choice([-1, 1], angles.shape[:-1])
    turned = Rotation.from_euler("ZXY", angles.reshape(-1, 3), degrees=True).as_quat()
    return posed(kinematics.world(rig, turned.reshape(*angles.shape[:-1], 4)), rig)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(("unit", "length"), [("cm", CENTIMETRE), ("m", 1.0)])
def test_every_joint_of_every_frame_comes_back(tmp_path: Path, read: Reader, unit: str, length: float) -> None:
    recording = recorded(40, fps=29.97)
    rig, joints = rig_and_joints(recording)
    found = read(written(recording, tmp_path, unit), rig) * length
    assert found.shape == joints.shape
    assert np.abs(found - joints).max() < MILLIMETRE / 10


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("middle", [90.0, 89.99999, 89.99, 0.0])
def test_a_locked_gimbal_comes_back(tmp_path: Path, read: Reader, middle: float) -> None:
    recording = locked(middle)
    rig, joints = rig_and_joints(recording)
    assert np.abs(read(written(recording, tmp_path), rig) * CENTIMETRE - joints).max() < MILLIMETRE


@pytest.mark.parametrize("read", [by_bvhio, by_ours])
def test_bones_that_change_their_length_come_back(tmp_path: Path, read: Reader) -> None:
    recording = recorded(20)
    rig, joints = rig_and_joints(recording)
    stretched = joints[:, :1] + (joints - joints[:, :1]) * np.linspace(0.9, 1.1, 20)[:, None, None]
    body = replace(recording.performers[0], joints=stretched.astype(np.float32))
    path = written(replace(recording, performers=(body,)), tmp_path)
    assert np.abs(read(path, rig) * CENTIMETRE - stretched).max() < MILLIMETRE / 10


def test_the_file_says_its_rate_to_many_digits_and_ends_in_sites(tmp_path: Path) -> None:
    path = written(recorded(3, fps=23.976), tmp_path)
    file = BVH()
    file.load(str(path))
    assert file.data["frame_time"] == pytest.approx(1 / 23.976, abs=1e-11)
    assert len(file.data["end_sites"]) == 5
    assert [str(name) for name in file.data["names"]][:2] == ["pelvis", "chest_base"]


def test_curves_go_on_without_jumps(tmp_path: Path) -> None:
    """Three turns on the spot with bends over a right angle: no channel moves by more than the body turns."""
    rig, _ = rig_and_joints(recorded(1))
    vectors = np.zeros((TOGETHER + 200, len(rig.names), 3))
    vectors[:, 0, 1] = np.linspace(0, 6 * np.pi, len(vectors))
    spin = Rotation.from_rotvec(vectors[:, 0])
    bend = Rotation.from_rotvec(np.outer(np.sin(np.linspace(0, 20, len(vectors))), (2.1, 0, 0)))
    local = Rotation.from_rotvec(vectors.reshape(-1, 3)).as_quat().reshape(*vectors.shape[:2], 4)
    local[:, 0], local[:, rig.names.index("l_hip")] = spin.as_quat(), bend.as_quat()
    path = written(posed(kinematics.world(rig, local), rig), tmp_path)
    values = parse(str(path), path.read_text()).values
    assert np.abs(np.diff(values[:, 3:], axis=0)).max() < 3.0
    assert values[-1, 5] == pytest.approx(1080, abs=0.01)


def test_an_export_is_a_source_to_train_on(tmp_path: Path) -> None:
    recording = recorded(150)
    _, joints = rig_and_joints(recording)
    clips = own(str(written(recording, tmp_path)))
    assert [(clip.skeleton, clip.fps, len(clip)) for clip in clips] == [(CORE20, 30.0, 150)]
    clip = reader.read(tmp_path / "dance.bvh")
    moved = clip.positions - joints
    assert np.abs(moved - moved[0, 0] * (0, 1, 0)).max() < MILLIMETRE / 10


def test_names_hold_no_braces_nor_spaces(tmp_path: Path) -> None:
    recording = recorded(2)
    rig, _ = rig_and_joints(recording)
    odd = rig._replace(names=tuple(f"{name} {{1}}" for name in rig.names))
    path = written(replace(recording, rig=odd), tmp_path)
    assert parse(str(path), path.read_text()).nodes[0].name == "pelvis_1_"


@pytest.mark.parametrize(
    ("recording", "line"),
    [
        (recorded(3, 2), "dance.bvh: 2 performers; expected one, as .bvh holds one body"),
        (recorded(0), "dance.bvh: a recording of 0 frames; expected at least one frame"),
        (bare(recorded(3)), "rotations are not known; expected rotations"),
        (keys(), "a recording without bodies; expected at least one.*write .mid"),
    ],
)
def test_what_it_cannot_hold_is_refused(tmp_path: Path, recording: Recording, line: str) -> None:
    with pytest.raises(DataError, match=line):
        written(recording, tmp_path)


def test_an_unknown_unit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"dance.bvh: the unit 'inch'; expected cm or m"):
        written(recorded(1), tmp_path, "inch")


def test_one_frame_is_a_file(tmp_path: Path) -> None:
    recording = recorded(1)
    rig, joints = rig_and_joints(recording)
    assert np.abs(by_bvhio(written(recording, tmp_path), rig) * CENTIMETRE - joints).max() < MILLIMETRE / 10
