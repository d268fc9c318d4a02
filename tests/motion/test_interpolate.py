"""Between two frames: through both, smooth, with feet that stand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.motion.interpolate import ALIKE, MOVING, STILL, cubic, hold_feet, last_velocity, slerp, velocity
from engine.schema.frame import F32

LEGS = np.array([(0, 1, 2, 3)], np.int64)
SHARES = st.floats(0, 1)


def leg(x: float = 0.0, z: float = 0.0) -> F32:
    """Hip, knee, ankle and toe, slightly bent, the toe on the floor at x and 0.15 + z."""
    return np.array([(x, 0.9, z), (x, 0.5, z + 0.1), (x, 0.08, z), (x, 0.02, z + 0.15)], np.float32)


def velocities(track: F32) -> F32:
    """Of every frame of a track (T, N, 3)."""
    found = np.zeros_like(track)
    found[0] = track[1] - track[0]
    for frame in range(1, len(track) - 1):
        velocity(track[frame - 1], track[frame], track[frame + 1], found[frame - 1], found[frame])
    last_velocity(track[-2], track[-1], found[-2], found[-1])
    return found


def at(track: F32, found: F32, place: float) -> F32:
    """The curve at a place in time, (N, 3)."""
    frame = min(int(place), len(track) - 2)
    out: F32 = np.empty_like(track[0])
    cubic(track[frame], track[frame + 1], found[frame], found[frame + 1], place - frame, out)
    return out


def test_the_ends_are_the_frames() -> None:
    track = np.random.default_rng(1).normal(size=(6, 5, 3)).astype(np.float32)
    found = velocities(track)
    for frame in range(5):
        assert at(track, found, frame) == pytest.approx(track[frame], abs=1e-6)
        assert at(track, found, frame + 1 - 1e-9) == pytest.approx(track[frame + 1], abs=1e-6)


def test_what_moves_evenly_is_met_exactly() -> None:
    track = (np.arange(8)[:, None, None] * np.array([0.1, -0.02, 0.05]) + 1).astype(np.float32)
    found = velocities(track)
    for place in np.linspace(0, 7, 29):
        assert at(track, found, place) == pytest.approx(np.array([[0.1, -0.02, 0.05]]) * place + 1, abs=1e-6)


def test_a_swing_at_two_hertz_is_met_within_a_thousandth_of_it() -> None:
    phase = 2 * math.pi * 2 / 30
    track = np.sin(phase * np.arange(60))[:, None, None].repeat(3, 2).astype(np.float32)
    found = velocities(track)
    places = np.linspace(5, 55, 301)
    curve = np.array([at(track, found, place)[0, 0] for place in places])
    assert curve == pytest.approx(np.sin(phase * places), abs=1e-3)


def test_the_velocity_is_that_of_the_spline_that_ends_naturally_with_the_next_frame() -> None:
    """Checked against its definition: least squared acceleration from here on, the velocity before being given."""
    before, here, after, earlier = (np.full((1, 3), value, np.float32) for value in (0.3, 1.1, 0.4, 0.9))
    out, end = np.empty((1, 3), np.float32), np.empty((1, 3), np.float32)
    velocity(before, here, after, earlier, out)
    last_velocity(here, after, out, end)

    def acceleration(start: float, v0: float, stop: float, v1: float, share: float) -> float:
        step = stop - start
        return 2 * (3 * step - 2 * v0 - v1) + 6 * share * (v0 + v1 - 2 * step)

    first = acceleration(0.3, 0.9, 1.1, out[0, 0], 1.0)
    second = acceleration(1.1, out[0, 0], 0.4, end[0, 0], 0.0)
    assert first == pytest.approx(second, abs=1e-5)
    assert acceleration(1.1, out[0, 0], 0.4, end[0, 0], 1.0) == pytest.approx(0, abs=1e-5)


def test_a_disturbance_fades_by_two_sevenths_per_frame() -> None:
    still = np.zeros((1, 3), np.float32)
    speed, out = np.ones((1, 3), np.float32), np.empty((1, 3), np.float32)
    for frame in range(1, 6):
        velocity(still, still, still, speed, out)
        speed[:] = out
        assert out == pytest.approx((-2 / 7) ** frame, rel=1e-5)


@settings(deadline=None)  # the first call compiles
@given(SHARES)
def test_a_standing_toe_stays_on_the_straight_way(share: float) -> None:
    here, there = leg(), leg(x=STILL * 0.9)
    body = leg(x=0.03, z=0.02)
    hold_feet(here, there, LEGS, share, body)
    straight = here[3] + share * (there[3] - here[3])
    assert body[3, [0, 2]] == pytest.approx(straight[[0, 2]], abs=1e-6)
    lengths = np.linalg.norm(np.diff(body, axis=0), axis=1)
    assert lengths == pytest.approx(np.linalg.norm(np.diff(leg(), axis=0), axis=1), abs=1e-6)


def test_a_toe_on_its_way_is_left_alone() -> None:
    body = leg(x=0.03)
    hold_feet(leg(), leg(x=MOVING * 1.01), LEGS, 0.5, body)
    assert np.array_equal(body, leg(x=0.03))


def test_between_standing_and_moving_a_toe_is_held_by_degrees() -> None:
    away = []
    for step in np.linspace(STILL, MOVING, 20):
        body = leg(x=0.03)
        hold_feet(leg(), leg(x=step), LEGS, 0.0, body)
        away.append(body[3, 0])
    assert np.all(np.diff(away) > 0)
    assert max(np.diff(away)) < 0.003


def turn(angle: float) -> F32:
    return np.array([0, math.sin(angle / 2), 0, math.cos(angle / 2)], np.float32)


@settings(deadline=None)
@given(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5), SHARES, st.booleans())
def test_a_rotation_goes_evenly_the_shorter_way(start: float, stop: float, share: float, other_sign: bool) -> None:  # noqa: FBT001
    out = np.empty(4, np.float32)
    slerp(turn(start), turn(stop) * np.float32(-1 if other_sign else 1), share, out)
    assert abs(out @ turn(start + share * (stop - start))) == pytest.approx(1, abs=1e-6)


def test_rotations_that_are_nearly_the_same_are_no_danger() -> None:
    angle = 2 * math.acos(ALIKE)
    for wide in (0.0, 1e-6, angle * 0.99, angle * 1.01):
        out = np.empty(4, np.float32)
        slerp(turn(0.3), turn(0.3 + wide), 0.5, out)
        assert out == pytest.approx(turn(0.3 + wide / 2), abs=1e-6)
