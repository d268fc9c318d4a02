from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from export.data import measure
from export.data.clip import Clip

Maker = Callable[..., Clip]


def test_bones_are_measured_over_the_good_frames(dance: Maker) -> None:
    clip = dance(10)
    valid = np.ones(10, np.bool_)
    valid[3] = False
    clip.positions[3] *= 5
    lengths = measure.bone_lengths([replace(clip, valid=valid)])
    assert lengths[0] == 0
    assert lengths[1] == pytest.approx(0.1, abs=1e-6)
    assert lengths[2] == pytest.approx(0.4, abs=1e-6)


def test_directions_are_seen_from_the_body(dance: Maker) -> None:
    clip = dance(10)
    turned = replace(clip, positions=clip.positions[..., [2, 1, 0]] * np.array([1, 1, -1], np.float32))
    np.testing.assert_allclose(measure.bone_directions([turned])[1], [1, 0, 0], atol=1e-5)
    assert measure.bone_directions([turned])[4, 2] > 0.9


def test_a_foot_is_measured_while_it_stands(dance: Maker) -> None:
    clip = dance(90)
    positions = np.repeat(clip.positions[:1], 90, axis=0)
    positions[30:60, 4, 1] += np.linspace(0, 1, 30, dtype=np.float32)
    still = replace(clip, positions=positions)
    toe, ankle = measure.standing_heights([still])
    assert (toe, ankle) == pytest.approx((0.03, 0.08), abs=1e-6)
    assert measure.standing_height(positions[:, 4], 30.0) == pytest.approx(0.03, abs=1e-6)
    assert "standing: toe 0.0300 m, ankle 0.0800 m" in measure.report([still])


def test_a_joint_that_never_rests_is_measured_at_its_lowest() -> None:
    moving = np.zeros((100, 3), np.float32)
    moving[:, 0] = np.arange(100)
    moving[:, 1] = np.linspace(0, 1, 100)
    assert measure.standing_height(moving, 30.0) == pytest.approx(0.02, abs=0.005)
