"""The root's step gives way to standing feet."""

import numpy as np
import pytest
from motion import bodies

from engine.motion.core20 import CORE20, NAMES
from engine.motion.heading import turn
from engine.motion.stance import LOW, Stance, plant
from engine.schema.frame import F32

STANCE = Stance(CORE20)
LIMIT = 0.04
"""Metres per frame: 1.2 m/s at 30 fps."""

LEFT = [NAMES.index("l_toe"), NAMES.index("l_ankle")]


def planted(before: F32, now: F32, way: tuple[float, float, float], strength: float = 1.0) -> F32:
    step = np.array(way, np.float32)
    plant(before, now, step, STANCE.joints, STANCE.heights, LIMIT, strength)
    return step


def lifted(body: F32, side: str, height: float = 0.2) -> F32:
    out = body.copy()
    for joint in ("knee", "ankle", "toe"):
        out[NAMES.index(f"{side}_{joint}"), 1] += height
    return out


def test_it_stands_on_toes_and_heels() -> None:
    assert [NAMES[joint] for joint in STANCE.joints] == ["l_toe", "l_ankle", "r_toe", "r_ankle"]
    assert STANCE.heights.tolist() == pytest.approx([0.025, 0.054, 0.025, 0.054])


def test_a_body_on_two_feet_does_not_glide() -> None:
    body = bodies.standing()
    for way in ((0.01, 0.0, 0.0), (0.0, -0.01, 0.0), (0.004, 0.007, 0.0)):
        corrected = planted(body, body, way)
        assert np.linalg.norm(corrected[:2]) < 0.1 * np.linalg.norm(way[:2])


def test_a_step_that_the_foot_explains_is_left_alone() -> None:
    before = bodies.standing()
    now = before.copy()
    now[..., 2] -= 0.01  # the body went forward over its feet, which stay where they are in the world
    np.testing.assert_allclose(planted(before, now, (0.0, 0.01, 0.0)), (0.0, 0.01, 0.0), atol=1e-6)


def test_a_turn_about_a_standing_foot_moves_the_root_around_it() -> None:
    before, angle = lifted(bodies.standing(), "r"), 0.02
    corrected = planted(before, before, (0.0, 0.0, angle))
    moved = (turn(before.astype(np.float64), np.array(angle)) - before)[LEFT][:, (0, 2)].mean(0)
    assert np.linalg.norm(moved + corrected[:2]) < 0.1 * np.linalg.norm(moved)
    assert corrected[2] == np.float32(angle)


def test_nobody_in_the_air_is_corrected() -> None:
    body = bodies.standing()
    body[:, 1] += 1.001 * LOW
    np.testing.assert_array_equal(planted(body, body, (0.03, 0.01, 0.1)), np.array((0.03, 0.01, 0.1), np.float32))


def test_a_fast_step_is_not_corrected() -> None:
    body = bodies.standing()
    way = (0.0, 1.01 * LIMIT, 0.0)
    np.testing.assert_array_equal(planted(body, body, way), np.array(way, np.float32))


def test_the_correction_grows_without_a_jump() -> None:
    body = bodies.standing()
    kept = []
    for height in np.linspace(0, 2 * LOW, 41):
        raised = body.copy()
        raised[:, 1] += height
        kept.append(planted(raised, raised, (0.0, 0.01, 0.0))[1])
    assert np.abs(np.diff(kept)).max() < 0.002
    assert kept[0] < 0.002
    assert kept[-1] == np.float32(0.01)


def test_the_strength_scales_it() -> None:
    body = bodies.standing()
    whole, half, none = (planted(body, body, (0.0, 0.01, 0.0), strength)[1] for strength in (1.0, 0.5, 0.0))
    assert none == np.float32(0.01)
    assert half == pytest.approx((whole + none) / 2, abs=1e-6)
