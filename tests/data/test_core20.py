from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.motion.core20 import ANKLE_HEIGHT, CORE20, PELVIS_HEIGHT, TOE_HEIGHT
from engine.motion.heading import canonical
from export.data import cmu, measure, splits


def _rest() -> dict[str, NDArray[np.float64]]:
    rest: dict[str, NDArray[np.float64]] = {}
    for joint in CORE20.order:
        parent = CORE20.parents[joint]
        above = rest[CORE20.names[parent]] if parent >= 0 else np.zeros(3)
        rest[CORE20.names[joint]] = above + np.array(CORE20.offsets[joint])
    return rest


def test_the_rest_pose_stands_on_its_feet_with_its_arms_out() -> None:
    rest = _rest()
    for side, sign in (("l", 1), ("r", -1)):
        np.testing.assert_allclose(rest[f"{side}_toe"][1], TOE_HEIGHT, atol=1e-4)
        np.testing.assert_allclose(rest[f"{side}_ankle"][1], ANKLE_HEIGHT, atol=1e-4)
        assert rest[f"{side}_toe"][2] > 0.1
        assert sign * rest[f"{side}_hand"][0] > 0.7
        np.testing.assert_allclose(rest[f"{side}_hand"][1:], rest[f"{side}_shoulder"][1:])
    assert rest["head"][1] > 1.5
    assert rest["pelvis"][1] == PELVIS_HEIGHT


def test_legs_measure_85_centimetres() -> None:
    for leg in CORE20.legs:
        assert sum(np.linalg.norm(CORE20.offsets[joint]) for joint in (leg.knee, leg.ankle)) == pytest.approx(0.85)


def test_sides_are_mirror_images() -> None:
    for name, offset in zip(CORE20.names, CORE20.offsets, strict=True):
        if name.startswith("l_"):
            other = CORE20.offsets[CORE20.names.index(f"r_{name[2:]}")]
            np.testing.assert_array_equal(np.array(offset) * [-1, 1, 1], other)


def test_the_constants_are_those_of_the_training_clips(data_dir: Path) -> None:
    train = splits.split(cmu.read(data_dir / cmu.FILE)).train
    lengths = measure.bone_lengths(train)
    rest = np.linalg.norm(np.array(CORE20.offsets), axis=-1)
    np.testing.assert_allclose(rest[1:], lengths[1:], atol=2e-4)
    np.testing.assert_allclose(measure.standing_heights(train), (TOE_HEIGHT, ANKLE_HEIGHT), atol=5e-4)
    directions = measure.bone_directions(train)
    for joint in ("hip", "shoulder"):
        left, right = (CORE20.names.index(f"{side}_{joint}") for side in "lr")
        mean = (directions[left, :2] + directions[right, :2] * [-1, 1]) / 2
        unit = np.array(CORE20.offsets[left][:2]) / rest[left]
        np.testing.assert_allclose(unit, mean / np.linalg.norm(mean), atol=2e-3)


def test_left_is_left_in_the_recordings(data_dir: Path) -> None:
    for clip in splits.split(cmu.read(data_dir / cmu.FILE)).test:
        local, _ = canonical(clip.positions, CORE20)
        names = CORE20.names
        toes = local[:, [names.index("l_toe"), names.index("r_toe")]]
        ankles = local[:, [names.index("l_ankle"), names.index("r_ankle")]]
        assert ((toes - ankles)[..., 2].sum(1) > 0).mean() > 0.95
        assert (local[:, names.index("l_hip"), 0] > local[:, names.index("r_hip"), 0]).mean() > 0.99
