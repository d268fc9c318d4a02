"""Angles that say the same rotations, without jumps."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from export.formats.angles import Order, continuous, degrees

DRAW = np.random.default_rng(3)


@pytest.mark.parametrize("order", ["ZXY", "ZYX"])
def test_angles_say_the_rotations(order: Order) -> None:
    turned = Rotation.random(500, rng=DRAW)
    found = degrees(turned.as_quat().reshape(100, 5, 4), order)
    back = Rotation.from_euler(order, found.reshape(-1, 3), degrees=True)
    assert np.degrees((back.inv() * turned).magnitude()).max() < 1e-6


def test_a_right_angle_in_the_middle_gives_no_warning() -> None:
    turned = Rotation.from_euler("ZXY", [[30, 90, 20], [10, -90, 5]], degrees=True)
    found = degrees(turned.as_quat()[:, None], "ZXY")
    back = Rotation.from_euler("ZXY", found[:, 0], degrees=True)
    assert np.degrees((back.inv() * turned).magnitude()).max() < 1e-5


def test_a_bend_over_a_right_angle_goes_on() -> None:
    bend = np.linspace(0.5, 170.5, 86)
    folded = Rotation.from_euler("ZXY", np.stack([bend * 0 + 20, bend, bend * 0 - 30], -1), degrees=True)
    found = degrees(folded.as_quat()[:, None], "ZXY")[:, 0]
    np.testing.assert_allclose(found[:, 1], bend, atol=1e-6)
    assert np.abs(np.diff(found, axis=0)).max() < 2.1


def test_whole_turns_add_up_over_a_border_between_two_parts() -> None:
    turn = np.stack([np.linspace(0, 1000, 200), np.zeros(200), np.zeros(200)], -1)
    quaternions = Rotation.from_euler("ZXY", turn, degrees=True).as_quat()[:, None]
    first = degrees(quaternions[:90], "ZXY")
    second = degrees(quaternions[90:], "ZXY", first[-1])
    np.testing.assert_allclose(np.concatenate([first, second])[:, 0], turn, atol=1e-6)


def test_one_frame_and_none_stay_as_they_are() -> None:
    for frames in (0, 1):
        angles = DRAW.uniform(-180, 180, (frames, 4, 3))
        assert np.array_equal(continuous(angles), angles)
