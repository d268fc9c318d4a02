"""Bodies that dance: what is fed back, where they stand, and that they stay bodies."""

import numpy as np
import pytest
from families.dancing import DIMS, FREE, dancer, decode, encoded, example, sample, shown
from motion import bodies
from numpy.typing import NDArray

from engine.families._dance import INNER
from engine.families.dance import LEAP, Dance, create
from engine.motion.core20 import CORE20
from engine.motion.heading import canonical, root_deltas, turn, wrap
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32


def stage(radius: float) -> Controls:
    """No constraint but the bones and the size of the stage."""
    return Controls(pull=0.0, footlock=0.0, radius=radius)


def places(family: Dance, steps: list[F32], controls: Controls) -> bodies.F64:
    """x, z and yaw (T, 3) of one performer after each step."""
    found = []
    for step in steps:
        root = decode(family, step, controls).root[0].astype(np.float64)
        found.append((root[0], root[2], 2 * np.arctan2(root[4], root[6])))
    return np.array(found)


def seen(positions: F32, root: F32) -> bodies.F64:
    """The body (J, 3) from where it stands."""
    yaw = np.asarray(-2 * np.arctan2(root[4], root[6]), np.float64)
    return np.asarray(turn(positions.astype(np.float64) - root[:3], yaw), np.float64)


def test_bones_are_exact_whatever_the_head_gives() -> None:
    family = dancer(2)
    draw = np.random.default_rng(0)
    for _ in range(300):
        wild = draw.normal(0, 0.05, (2, DIMS + 3)).astype(np.float32)
        assert bodies.worst_bone(decode(family, wild, Controls(pull=0.1)).positions) < 1e-4


def test_what_is_fed_back_is_the_constrained_sample() -> None:
    family = dancer()
    mean, basis = (np.asarray(example().loaded.arrays[name], np.float32) for name in ("mean", "basis"))
    before = encoded(family)[0, :DIMS]
    draw = np.random.default_rng(1)
    for _ in range(20):
        change = draw.normal(0, 0.05, DIMS).astype(np.float32)
        pose = decode(family, sample((0.01, 0.02, 0.03), change), FREE)
        found = encoded(family)[0]
        z, dz, way = found[:DIMS], found[DIMS : 2 * DIMS], found[2 * DIMS : 2 * DIMS + 3]
        projected = (seen(pose.positions[0], pose.root[0]).ravel() - mean) @ basis
        np.testing.assert_allclose(z, projected, atol=1e-5)
        np.testing.assert_allclose(dz, z - before, atol=1e-6)
        np.testing.assert_allclose(way, (0.01, 0.02, 0.03), atol=1e-7)
        assert np.abs(z - (before + change)).max() > 1e-4  # the bones took something away
        before = z.copy()


def test_features_are_what_is_encoded_when_a_recording_is_followed() -> None:
    family = dancer()
    clip = example().clip
    found = family.features(clip)
    for frame in (1, 2, 30, len(clip) - 1):
        family.place(0, clip[: frame + 1], 0)
        np.testing.assert_allclose(encoded(family)[0], found[frame - 1], atol=1e-6)
    local, root = canonical(clip.astype(np.float64), CORE20)
    np.testing.assert_allclose(found[:, 2 * DIMS : 2 * DIMS + 3], root_deltas(root), atol=1e-6)
    mean, basis = (np.asarray(example().loaded.arrays[name], np.float32) for name in ("mean", "basis"))
    np.testing.assert_allclose(found[:, :DIMS], (local[1:].reshape(-1, 60) - mean) @ basis, atol=1e-5)


def test_a_recording_played_as_samples_comes_out_again() -> None:
    family = create(example().loaded, 1)
    clip = bodies.dance(90, 1).positions
    family.place(0, clip[:2], 0)
    _, root = canonical(clip.astype(np.float64), CORE20)
    expected = turn(clip - np.array((root[1, 0], 0, root[1, 1])), np.full(90, -root[1, 2]))
    for frame, x in enumerate(family.features(clip)[1:], 2):
        pose = decode(family, x[None, DIMS : 2 * DIMS + 3], FREE)
        np.testing.assert_allclose(pose.positions[0], expected[frame], atol=1e-3)


def test_steps_are_taken_in_the_earlier_heading() -> None:
    family = dancer()
    draw = np.random.default_rng(2)
    ways = draw.normal(0, (0.03, 0.03, 0.1), (200, 3))
    found = places(family, [sample(tuple(way)) for way in ways], FREE)
    found = np.concatenate([np.zeros((1, 3)), found])
    np.testing.assert_allclose(root_deltas(found), ways, atol=1e-5)


def test_a_circle_closes() -> None:
    steps = 120
    turned = 2 * np.pi / steps
    found = places(dancer(), [sample((0, 0.03, turned))] * steps, FREE)
    np.testing.assert_allclose(found[-1, :2], 0, atol=1e-4)
    np.testing.assert_allclose(wrap(found[-1, 2]), 0, atol=1e-4)
    across = 0.03 / np.sin(turned / 2)
    assert np.linalg.norm(found[:, :2], axis=1).max() == pytest.approx(across, rel=1e-3)


def test_the_body_stands_where_its_root_says() -> None:
    family = dancer(2)
    for step in example().samples(50, 2, 0):
        pose = decode(family, step, FREE)
        np.testing.assert_array_equal(pose.root[:, (0, 2)], pose.positions[:, CORE20.root][:, (0, 2)])
        for row in range(2):
            local = seen(pose.positions[row], pose.root[row])
            assert abs(float(canonical(local, CORE20)[1][2])) < 0.1


def test_everybody_begins_at_an_origin_of_its_own() -> None:
    root = decode(dancer(3), np.zeros((3, DIMS + 3), np.float32), FREE).root
    np.testing.assert_allclose(root, np.tile([0, 0, 0, 0, 0, 0, 1], (3, 1)), atol=1e-6)


def test_who_enters_brings_nothing_along() -> None:
    """As a performer that is there for the first time, wherever the last one of its row danced and stood."""
    used, fresh = dancer(), dancer()
    standing = np.tile(bodies.standing(), (3, 1, 1))
    places(used, [sample((0.01, 0.03, 0.05))] * 50, stage(3.0))
    used.place(0, standing, 15)
    held = Controls(pull=0.0, radius=100.0)
    places(used, [sample((0.0, 0.003, 0.0))] * 30, held)  # feet that slide are held back
    for family in (used, fresh):
        family.enter(0, standing)
    for step in [sample((0.0, 0.003, 0.0))] * 30:
        found, expected = (decode(family, step, held) for family in (used, fresh))
        np.testing.assert_array_equal(found.positions, expected.positions)
        np.testing.assert_array_equal(found.root, expected.root)


def test_performers_have_controls_of_their_own() -> None:
    family = dancer(3)
    x = np.zeros((3, family.spec.features), np.float32)
    family.encode(x, [Controls(condition=1), Controls(), Controls(condition=0)])
    np.testing.assert_array_equal(x[:, -2:], [[0, 1], [0, 0], [1, 0]])
    away = []
    for _ in range(1000):
        pose = family.decode(np.tile(sample((0, 0.04, 0)), (3, 1)), [stage(1.0), stage(2.0), stage(100.0)])
        away.append(np.linalg.norm(pose.root[:, (0, 2)], axis=1))
    farthest = np.max(away, axis=0)
    assert farthest[0] < 1.0 + 1e-5 < farthest[1] < 2.0 + 1e-5 < farthest[2]


def test_a_leap_is_shortened_to_what_bodies_can_do() -> None:
    found = places(dancer(), [sample((30.0, 40.0, 0.0))], FREE)[0]
    np.testing.assert_allclose(found[:2], np.array((0.6, 0.8)) * LEAP / bodies.FPS, rtol=1e-5)


HEADINGS = (0.0, 0.7, np.pi / 2, -3.0)


@pytest.mark.parametrize("radius", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("bend", [-0.01, 0.0, 0.01])
def test_nobody_walks_off_the_stage(radius: float, heading: float, bend: float) -> None:
    steps = [sample((0, 0, heading)), *[sample((0, 0.04, bend))] * 1500]
    found = places(dancer(), steps, stage(radius))
    assert np.linalg.norm(found[:, :2], axis=1).max() < radius + 1e-5
    strides = np.linalg.norm(np.diff(found[:, :2], axis=0), axis=1)
    assert strides[500:].mean() > 0.005  # nor does anybody march on the spot at its edge


@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("bend", [-0.002, 0.0, 0.002])
def test_a_dancer_who_walks_straight_on_is_turned_back(heading: float, bend: float) -> None:
    steps = [sample((0, 0, heading)), *[sample((0, 0.04, bend))] * 3000]
    found = places(dancer(), steps, stage(3.0))
    away, strides = np.linalg.norm(found[:, :2], axis=1), np.linalg.norm(np.diff(found[:, :2], axis=0), axis=1)
    assert away.max() > 2.5
    assert INNER * 3.0 < away[1000:].max() < 2.7
    assert strides[1000:].min() > 0.035  # it walks on, and not on the spot at the edge


def test_nobody_is_steered_in_the_middle_of_the_stage() -> None:
    ways = np.random.default_rng(3).normal(0, (0.01, 0.01, 0.05), (100, 3))
    steps = [sample(tuple(way)) for way in ways]
    assert np.linalg.norm(places(dancer(), steps, FREE)[:, :2], axis=1).max() < INNER * 3.0
    np.testing.assert_array_equal(places(dancer(), steps, stage(3.0)), places(dancer(), steps, FREE))


def test_steering_is_gentle() -> None:
    found = places(dancer(), [sample((0, 0.04, 0))] * 2000, stage(3.0))
    assert np.abs(wrap(np.diff(found[:, 2]))).max() < 0.04  # a degree or two per frame at 1.2 m/s
    assert np.linalg.norm(np.diff(found[:, :2], axis=0), axis=1).max() < 0.0401  # and nobody is hurried


def test_a_stage_that_shrinks_does_not_throw_anybody() -> None:
    family = dancer()
    before = places(family, [sample((0, 0.04, 0))] * 60, FREE)
    found = places(family, [sample((0, 0.04, 0))] * 500, stage(1.0))
    path = np.concatenate([before[-1:], found])
    assert np.linalg.norm(np.diff(path[:, :2], axis=0), axis=1).max() < 0.0401
    assert np.diff(np.linalg.norm(path[:, :2], axis=1)).max() < 1e-5  # it only comes nearer
    assert np.linalg.norm(path[-1, :2]) < 2.0


@pytest.mark.parametrize(("condition", "hot"), [(-1, None), (0, 0), (1, 1), (2, None), (15, None)])
def test_the_condition_is_one_hot_or_nothing(condition: int, hot: int | None) -> None:
    found = encoded(dancer(2), Controls(condition=condition))[:, 2 * DIMS + 3 :]
    expected = np.zeros((2, 2), np.float32)
    if hot is not None:
        expected[:, hot] = 1
    np.testing.assert_array_equal(found, expected)


def test_ten_thousand_frames_of_nothing_stay_put() -> None:
    family = dancer()
    controls = Controls(pull=0.0, footlock=1.0)
    first = shown(family, 300, controls)[-1]
    for _ in range(9_699):
        decode(family, sample(), controls)
    last = decode(family, sample(), controls)
    np.testing.assert_allclose(last.positions[0], first, atol=1e-3)
    start = canonical(example().clip[-1].astype(np.float64), CORE20)[0]
    np.testing.assert_allclose(seen(last.positions[0], last.root[0]), start, atol=0.03)


def test_nobody_sinks_into_the_floor() -> None:
    family, draw = dancer(), np.random.default_rng(5)
    for _ in range(300):
        change = draw.normal(0, 0.05, DIMS).astype(np.float32)
        assert decode(family, sample(dz=change), FREE).positions[..., 1].min() > -1e-6


def test_a_standing_foot_corrects_the_way() -> None:
    family = create(example().loaded, 1)
    family.place(0, np.tile(bodies.standing(), (3, 1, 1)), 0)
    drift = places(family, [sample((0, 0.01, 0))] * 30, Controls(footlock=1.0))
    assert np.abs(drift[:, :2]).max() < 0.02
    np.testing.assert_allclose(encoded(family)[0, 2 * DIMS : 2 * DIMS + 2], 0, atol=2e-3)  # and the model hears of it


WRONG: dict[str, tuple[str, NDArray[np.generic] | None, str]] = {
    "missing": ("mean", None, "mean"),
    "short mean": ("mean", np.zeros(59, np.float32), "mean"),
    "two means": ("mean", np.zeros((60, 1), np.float32), "mean"),
    "too large for float32": ("mean", np.full(60, 1e300), "mean"),
    "text": ("mean", np.array(["1"] * 60), "mean"),
    "complex": ("mean", np.zeros(60, np.complex64), "mean"),
    "flat basis": ("basis", np.zeros(60 * DIMS, np.float32), "basis"),
    "a basis of another body": ("basis", np.zeros((63, DIMS), np.float32), "basis"),
    "a basis of another width": ("basis", np.zeros((60, DIMS - 1), np.float32), "bank"),
    "a bank of another width": ("bank", np.zeros((60, DIMS), np.float32), "bank"),
    "a bank of another length": ("bank", np.zeros((9, 3 * DIMS + 3), np.float32), "bank_kinds"),
    "NaN": ("bank", np.full((60, 3 * DIMS + 3), np.nan, np.float32), "bank"),
    "no genres": ("bank_kinds", None, "bank_kinds"),
    "fractional genres": ("bank_kinds", np.zeros(60, np.float32), "bank_kinds"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_arrays_are_refused_by_name(case: str) -> None:
    name, array, place = WRONG[case]
    loaded = example().loaded
    arrays = {key: value for key, value in loaded.arrays.items() if key != name}
    if array is not None:
        arrays[name] = array
    with pytest.raises(ModelError) as caught:
        create(loaded._replace(arrays=arrays), 1)
    assert caught.value.place == f"figurant.arrays: {place}"
    assert "\n" not in str(caught.value)
