"""Feet that stand still while they stand."""

import msgspec
import numpy as np
import pytest
from motion import bodies

from engine.motion.core20 import CORE20, NAMES
from engine.motion.feet import AGAIN, LOW, SLOW, STRAY, FootLock, lock_feet
from engine.schema.frame import F32

LEFT, RIGHT = NAMES.index("l_toe"), NAMES.index("r_toe")
LEGS = [NAMES.index(f"{side}_{joint}") for side in "lr" for joint in ("knee", "ankle", "toe")]
FLOOR = (0, 2)
JUMP = 0.035
"""Metres per frame at 30 fps that a correction may change while it fades; an eye takes more for a snap."""


def glide(speed: float, frames: int, fps: float = bodies.FPS, bend: float = 0.3) -> F32:
    """A standing body (T, J, 3) that is pushed forward, metres per second."""
    path = np.tile(bodies.standing(bend), (frames, 1, 1))
    path[..., 2] += (speed / fps * np.arange(frames))[:, None]
    return path


def held(path: F32, *, strength: float = 1.0, fps: float = bodies.FPS, lock: FootLock | None = None) -> F32:
    """What the lock makes of a path (T, J, 3)."""
    lock = lock or FootLock(CORE20, 1)
    out = path.copy()
    for frame in range(len(out)):
        lock_feet(out[frame], lock.legs, lock.heights, lock.memory[0], fps, strength)
    return out


@pytest.mark.parametrize("fps", [30.0, 60.0])
def test_a_foot_that_slides_slowly_stands(fps: float) -> None:
    path = glide(0.1, round(fps), fps)
    out = held(path, fps=fps)
    for toe in (LEFT, RIGHT):
        assert np.abs(out[1:, toe] - out[1, toe]).max() < 1e-3
        assert np.abs(path[-1, toe] - path[1, toe]).max() > 0.09
    assert bodies.worst_bone(out) < 1e-5


def test_only_legs_are_moved() -> None:
    path = glide(0.1, 20)
    out = held(path)
    others = [joint for joint in range(20) if joint not in LEGS]
    np.testing.assert_array_equal(out[:, others], path[:, others])
    assert np.abs(out[-1, LEGS] - path[-1, LEGS]).max(-1).min() > 0.01


def test_knees_bend_the_way_they_did() -> None:
    out = held(glide(-0.1, 25))
    for side in "lr":
        hip, knee, ankle = (out[:, NAMES.index(f"{side}_{joint}")] for joint in ("hip", "knee", "ankle"))
        assert (knee[:, 2] - (hip[:, 2] + ankle[:, 2]) / 2 > 0.05).all()


def test_a_fast_foot_is_free() -> None:
    path = glide(1.2 * SLOW, 20)
    np.testing.assert_array_equal(held(path), path)


def test_a_lifted_foot_is_free() -> None:
    path = glide(0.1, 20)
    path[..., 1] += LOW + 0.01
    np.testing.assert_array_equal(held(path), path)


def test_one_foot_stands_while_the_other_swings() -> None:
    path = glide(0.1, 20)
    chain = [NAMES.index(f"r_{joint}") for joint in ("knee", "ankle", "toe")]
    path[:, chain, 1] += 0.1
    out = held(path)
    np.testing.assert_array_equal(out[:, chain], path[:, chain])
    assert np.abs(out[1:, LEFT] - out[1, LEFT]).max() < 1e-3


def correction(path: F32, out: F32) -> bodies.F64:
    """How far the left toe was moved over the floor (T, 2), metres."""
    return np.asarray((out - path)[:, LEFT][:, FLOOR], np.float64)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.99])
def test_a_foot_that_slides_on_is_let_go_without_a_jump(share: float) -> None:
    speed = share * SLOW
    path = glide(speed, 90)
    moved = correction(path, held(path))
    along = np.diff(moved[:, 1])
    assert np.abs(moved).max() > 0.9 * STRAY  # it was held for a while
    assert along.max() > 0  # and then let go
    assert along.max() <= JUMP
    assert np.abs(moved).max() <= STRAY + 2 * speed / bodies.FPS


def test_a_foot_that_slides_on_does_not_go_in_jerks() -> None:
    path = glide(0.3, 120)
    still = np.abs(np.diff(held(path)[:, LEFT, 2])) < 1e-4
    starts = np.flatnonzero(still[1:] & ~still[:-1])
    assert len(starts) > 2
    assert (np.diff(starts) >= (STRAY - AGAIN) / (0.3 / bodies.FPS)).all()


@pytest.mark.parametrize("leave", ["lift", "kick"])
def test_what_is_left_of_a_correction_fades(leave: str) -> None:
    path = glide(0.3, 12)
    away = np.tile(path[-1], (40, 1, 1))
    if leave == "lift":
        away[..., 1] += LOW + 0.05
    else:
        away[..., 2] += (3 * SLOW / bodies.FPS * np.arange(1, 41))[:, None]
    path = np.concatenate([path, away])
    out = held(path)
    moved = np.linalg.norm(correction(path, out), axis=-1)
    assert moved[11] > 0.08
    fading = np.diff(moved[11:])
    assert (fading <= 1e-6).all()
    assert fading.min() >= -JUMP
    assert moved[-1] < 1e-3
    assert bodies.worst_bone(out) < 1e-5


def test_the_strength_scales_the_correction() -> None:
    path = glide(0.1, 20)
    np.testing.assert_array_equal(held(path, strength=0.0), path)
    half, whole = (correction(path, held(path, strength=strength))[-1] for strength in (0.5, 1.0))
    np.testing.assert_allclose(half, whole / 2, atol=1e-4)


def test_a_body_without_legs_is_untouched() -> None:
    path = glide(0.1, 20)
    for bare in (msgspec.structs.replace(CORE20, legs=()), msgspec.structs.replace(CORE20, contacts=())):
        np.testing.assert_array_equal(held(path, lock=FootLock(bare, 1)), path)


def test_performers_stand_each_for_itself() -> None:
    slow, fast = glide(0.1, 20), glide(1.2 * SLOW, 20)
    both = np.stack([slow, fast], 1)
    lock = FootLock(CORE20, 2)
    for frame in both:
        for row in range(2):
            lock_feet(frame[row], lock.legs, lock.heights, lock.memory[row], bodies.FPS, 1.0)
    np.testing.assert_array_equal(both[:, 0], held(slow))
    np.testing.assert_array_equal(both[:, 1], fast)


def test_a_released_foot_goes_on_from_where_it_was_shown() -> None:
    lock = FootLock(CORE20, 1)
    path = glide(0.1, 60)
    first = held(path[:20], lock=lock)
    lock.release(0)
    # put down elsewhere: far away, but nothing is measured against where it was
    path[20:, :, 2] += 5.0
    out = np.concatenate([first, held(path[20:], lock=lock)])
    moved = correction(path, out)
    assert np.abs(np.diff(moved[19:22], axis=0)).max() <= JUMP
    assert np.abs(out[21:30, LEFT, 2] - path[21:30, LEFT, 2]).max() < 0.11


def test_a_broken_frame_is_forgotten() -> None:
    path = glide(0.1, 30)
    path[5] = np.nan
    out = held(path)
    assert np.isfinite(out[6:]).all()
    assert np.abs(out[8:, LEFT] - out[8, LEFT]).max() < 1e-3


def test_a_leg_is_never_stretched() -> None:
    path = glide(0.55, 8, bend=0.02)  # hardly bent: where the foot came down is soon out of reach
    out = held(path)
    assert np.linalg.norm(correction(path, out)[-1]) > 0.1
    assert out[-1, LEFT, 1] > path[-1, LEFT, 1] + 0.005  # so it comes off the floor
    assert bodies.worst_bone(out) < 1e-5
