"""What every model family must do; run over whatever stands in engine/families."""

from functools import cache

import msgspec
import numpy as np
import pytest
from families.examples import EXAMPLES, Example

from engine import plugins
from engine.contracts import Family
from engine.schema.controls import CONTROLS, Control, Controls, expanded, make_controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32, Pose

FRAMES = 40
PERFORMERS = 3
NEUTRAL = Controls()

pytestmark = pytest.mark.parametrize("name", [name for name in plugins.families() if plugins.part(name) == "bodies"])


@cache
def example(name: str) -> Example:
    if name not in EXAMPLES:
        pytest.fail(f"the family '{name}' has no example; add one to EXAMPLES in tests/families/examples.py")
    return EXAMPLES[name]()


def make(name: str, performers: int = PERFORMERS) -> Family:
    """A family whose performers stand at the end of the example's clip."""
    family = plugins.family(name)(example(name).loaded, performers)
    for row in range(performers):
        family.place(row, example(name).clip, 0)
    return family


def samples(name: str, seed: int = 0) -> F32:
    return example(name).samples(FRAMES, PERFORMERS, seed)


def encoded(family: Family, controls: Controls = NEUTRAL) -> F32:
    x = np.full((family.performers, family.spec.features), np.nan, np.float32)
    family.encode(x, [controls] * len(x))
    return x


def decode(family: Family, sample: F32, controls: Controls) -> Pose:
    """What samples (B, D) give where all play alike."""
    return family.decode(sample, [controls] * len(sample))


def copied(pose: Pose) -> list[F32]:
    return [part.copy() for part in pose[:3] if part is not None]


def played(family: Family, taken: F32, controls: Controls = NEUTRAL) -> list[list[F32]]:
    """Copies of what every frame gives: the step's input, then the arrays of the payload."""
    out = []
    for sample in taken:
        x = encoded(family, controls)
        out.append([x, *copied(decode(family, sample.copy(), controls))])
    return out


def equal(found: list[list[F32]], expected: list[list[F32]], row: int | slice = slice(None)) -> bool:
    pairs = [pair for one, other in zip(found, expected, strict=True) for pair in zip(one, other, strict=True)]
    return all(np.array_equal(one[row], other[row], equal_nan=True) for one, other in pairs)


def test_it_says_whose_it_is(name: str) -> None:
    family = make(name)
    assert family.spec == example(name).loaded.spec
    assert family.spec.family == name
    assert family.performers == PERFORMERS


@pytest.mark.parametrize("performers", [1, 8])
def test_shapes_are_those_of_the_contract(name: str, performers: int) -> None:
    family = make(name, performers)
    assert family.spec.skeleton is not None
    joints = len(family.spec.skeleton.names)
    assert np.isfinite(encoded(family)).all()  # every number is written
    for sample in example(name).samples(FRAMES, performers, 0):
        pose = decode(family, sample, NEUTRAL)
        assert pose.positions.shape == (performers, joints, 3)
        assert pose.root.shape == (performers, 7)
        assert pose.rotations is None or pose.rotations.shape == (performers, joints, 4)
        assert pose.body is None  # bodies are solved at the rate of the output
        for part in pose[:3]:
            assert part is None or part.dtype == np.float32
            assert part is None or np.isfinite(part).all()
        np.testing.assert_array_equal(pose.root[:, 1], 0)
        np.testing.assert_allclose(np.linalg.norm(pose.root[:, 3:], axis=1), 1, atol=1e-6)


def test_features_begin_with_the_second_frame_and_end_where_a_seated_performer_goes_on(name: str) -> None:
    family = make(name)
    clip = example(name).clip
    found = family.features(clip)
    assert found.shape == (len(clip) - 1, family.spec.features)
    assert found.dtype == np.float32
    np.testing.assert_allclose(encoded(family), np.tile(found[-1], (PERFORMERS, 1)), atol=1e-6)
    np.testing.assert_allclose(family.features(clip[-3:]), found[-2:], atol=1e-6)


def settings(control: Control) -> list[Controls]:
    """Controls of which one, or a whole row, is at its lowest, its default and its highest."""
    names = expanded([control])
    return [make_controls(dict.fromkeys(names, value)) for value in (control.low, control.default, control.high)]


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_the_spread_it_asks_for_is_a_number(name: str, control: Control) -> None:
    family = make(name)
    for controls in settings(control):
        assert 0 < family.spread(controls) < 100


def test_the_same_samples_give_the_same_bytes(name: str) -> None:
    assert equal(played(make(name), samples(name)), played(make(name), samples(name)))
    assert not equal(played(make(name), samples(name)), played(make(name), samples(name, 1)))


def test_performers_do_not_hear_each_other(name: str) -> None:
    other = samples(name)
    other[:, 0] = samples(name, 1)[:, 0]
    first, second = played(make(name), samples(name)), played(make(name), other)
    assert equal(first, second, slice(1, None))
    assert not equal(first, second, 0)


def test_encoding_changes_nothing_and_keeps_nothing(name: str) -> None:
    often, once = make(name), make(name)
    for sample in samples(name):
        x = encoded(often)
        np.testing.assert_array_equal(x, encoded(often))
        x[:] = np.nan
        found, expected = copied(decode(often, sample, NEUTRAL)), copied(decode(once, sample, NEUTRAL))
        assert equal([found], [expected])


def test_a_sample_is_neither_changed_nor_kept(name: str) -> None:
    family, twin = make(name), make(name)
    led = Controls(pull=0.5)
    for sample in samples(name):
        given = sample.copy()
        shown = decode(family, given, led)
        np.testing.assert_array_equal(given, sample)
        kept = copied(shown)
        given[:] = np.nan
        decode(twin, sample, led)
        np.testing.assert_array_equal(encoded(family), encoded(twin))
        assert equal([copied(shown)], [kept])


def test_the_payload_belongs_to_the_family(name: str) -> None:
    family = make(name)
    taken = samples(name)
    first = decode(family, taken[0], NEUTRAL)
    again = decode(family, taken[1], NEUTRAL)
    for one, other in zip(first, again, strict=True):
        assert one is None or other is None or np.shares_memory(one, other)
        assert one is None or not np.shares_memory(one, taken)


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_no_number_is_gone_when_seated_again(name: str, broken: float) -> None:
    family, twin = make(name), make(name)
    taken = samples(name)
    for sample in taken[:10]:
        decode(family, sample, NEUTRAL)
        decode(twin, sample, NEUTRAL)
    bad = taken[10].copy()
    bad[1] = broken
    shown, expected = copied(decode(family, bad, NEUTRAL)), copied(decode(twin, taken[10], NEUTRAL))
    assert equal([shown], [expected], 0)
    assert equal([shown], [expected], 2)
    family.place(1, example(name).clip, 5)
    for frame in played(family, taken[11:]):
        assert all(np.isfinite(part).all() for part in frame)


def test_seating_touches_one_performer(name: str) -> None:
    family, twin = make(name), make(name)
    for sample in samples(name):
        decode(family, sample, NEUTRAL)
        decode(twin, sample, NEUTRAL)
    family.place(1, example(name).clip, 10)
    later = samples(name, 1)
    first, second = played(family, later), played(twin, later)
    assert equal(first, second, 0)
    assert equal(first, second, 2)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_every_control_may_go_to_its_ends(name: str, control: Control) -> None:
    for controls in settings(control):
        for frame in played(make(name), samples(name), controls):
            assert all(np.isfinite(part).all() for part in frame)


@pytest.mark.parametrize("field", ["features", "head", "skeleton"])
def test_a_model_of_another_width_or_without_a_body_is_refused(name: str, field: str) -> None:
    loaded = example(name).loaded
    head = msgspec.structs.replace(loaded.spec.head, dims=loaded.spec.head.dims + 1)
    other = {"features": loaded.spec.features + 1, "head": head, "skeleton": None}[field]
    spec = msgspec.structs.replace(loaded.spec, **{field: other})
    with pytest.raises(ModelError, match=r"figurant\.spec") as caught:
        plugins.family(name)(loaded._replace(spec=spec), 1)
    assert "\n" not in str(caught.value)


def test_a_batch_may_be_smaller_than_the_family(name: str) -> None:
    large, small = make(name, 64), make(name)
    for sample in samples(name):
        x = np.full((PERFORMERS, large.spec.features), np.nan, np.float32)
        large.encode(x, [NEUTRAL] * PERFORMERS)
        np.testing.assert_array_equal(x, encoded(small))
        pose = decode(large, sample, NEUTRAL)
        assert pose.positions.shape[0] == pose.root.shape[0] == PERFORMERS
        assert equal([copied(pose)], [copied(decode(small, sample, NEUTRAL))])


def test_performers_do_not_notice_an_empty_row(name: str) -> None:
    full, hole = make(name), make(name)
    for sample in samples(name):
        x = np.zeros((PERFORMERS, hole.spec.features), np.float32)
        hole.encode(x, [NEUTRAL, None, NEUTRAL])
        np.testing.assert_array_equal(x[::2], encoded(full)[::2])
        expected = copied(decode(full, sample, NEUTRAL))
        assert equal([copied(hole.decode(sample, [NEUTRAL, None, NEUTRAL]))], [expected], slice(None, None, 2))


def test_who_enters_dances_as_for_the_first_time(name: str) -> None:
    family, twin = make(name), make(name)
    for sample in samples(name):
        decode(family, sample, NEUTRAL)
        decode(twin, sample, NEUTRAL)
    family.enter(1, example(name).clip)
    fresh = make(name)
    fresh.enter(1, example(name).clip)
    later = samples(name, 1)
    found, expected, others = (played(one, later) for one in (family, fresh, twin))
    assert equal(found, expected, 1)
    assert equal(found, others, slice(None, None, 2))


def test_controls_are_each_performer_s_own(name: str) -> None:
    """A performer with a neighbour of other controls plays as among its like."""
    led = Controls(pull=0.3, condition=1, radius=0.5, footlock=0.3)
    mixed, plain, other = make(name), make(name), make(name)
    for sample in samples(name):
        found = copied(mixed.decode(sample, [NEUTRAL, led, NEUTRAL]))
        assert equal([found], [copied(decode(plain, sample, NEUTRAL))], slice(None, None, 2))
        assert equal([found], [copied(decode(other, sample, led))], 1)


def floor(x: float, z: float, yaw: float) -> F32:
    """A root (7,)."""
    return np.array([x, 0.0, z, 0.0, np.sin(yaw / 2), 0.0, np.cos(yaw / 2)], np.float32)


def test_who_is_stood_somewhere_goes_on_from_there_or_stays(name: str) -> None:
    """The next frame's root is within a step of it, and dances on as it would have; or nothing has changed at all."""
    family, twin = make(name), make(name)
    taken = samples(name)
    wide = Controls(radius=100.0)
    played(family, taken[:20], wide)
    played(twin, taken[:20], wide)
    asked = floor(1.0, -2.0, 2.5)
    family.stand(1, asked)
    found, expected = (decode(one, taken[20].copy(), wide) for one in (family, twin))
    assert equal([copied(found)], [copied(expected)], slice(None, None, 2))
    if np.array_equal(found.root[1], expected.root[1]):
        np.testing.assert_array_equal(found.positions[1], expected.positions[1])
    else:
        np.testing.assert_allclose(found.root[1, :3], asked[:3], atol=0.2)
        assert abs(found.root[1, 3:] @ asked[3:]) > np.cos(0.1)  # half of the angle between them
    np.testing.assert_array_equal(encoded(family, wide), encoded(twin, wide))


def test_who_is_stood_somewhere_is_seated_there_too(name: str) -> None:
    family, twin = make(name), make(name)
    family.enter(1, example(name).clip)
    twin.enter(1, example(name).clip)
    family.stand(1, floor(0.5, 0.25, -1.0))
    np.testing.assert_array_equal(encoded(family), encoded(twin))
    for frame in played(family, samples(name)):
        assert all(np.isfinite(part).all() for part in frame)


def test_steps_may_be_asked_for_while_it_plays(name: str) -> None:
    family, twin = make(name), make(name)
    for sample in samples(name):
        family.features(example(name).clip)
        assert equal([copied(decode(family, sample, NEUTRAL))], [copied(decode(twin, sample, NEUTRAL))])
    np.testing.assert_array_equal(family.features(example(name).clip), make(name).features(example(name).clip))
