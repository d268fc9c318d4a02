from collections.abc import Callable
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from engine.motion.core20 import CORE20
from engine.motion.heading import heading
from engine.schema.errors import DataError
from engine.schema.skeleton import Skeleton
from export.data import transform
from export.data.clip import Clip

Maker = Callable[..., Clip]


def test_mirror_changes_the_sides(dance: Maker) -> None:
    clip = dance()
    mirrored = transform.mirror(clip)
    left, right = clip.skeleton.names.index("l_knee"), clip.skeleton.names.index("r_knee")
    np.testing.assert_array_equal(mirrored.positions[:, right], clip.positions[:, left] * [-1, 1, 1])
    np.testing.assert_array_equal(mirrored.positions[:, 0, 0], -clip.positions[:, 0, 0])
    assert mirrored.name == "glide mirrored"
    np.testing.assert_allclose(heading(mirrored.positions, clip.skeleton), -heading(clip.positions, clip.skeleton))


def test_mirror_twice_is_nothing(dance: Maker) -> None:
    clip = dance()
    np.testing.assert_array_equal(transform.mirror(transform.mirror(clip)).positions, clip.positions)


def test_resample_to_half_the_rate_takes_every_other_frame(dance: Maker) -> None:
    clip = dance(21, fps=60.0)
    half = transform.resample(clip, 30.0)
    assert (len(half), half.fps) == (11, 30.0)
    np.testing.assert_allclose(half.positions, clip.positions[::2], atol=1e-7)


@pytest.mark.parametrize(("have", "want", "frames"), [(24.0, 30.0, 61), (30.0, 120.0, 193), (60.0, 25.0, 21)])
def test_resample_follows_a_smooth_movement(dance: Maker, have: float, want: float, frames: int) -> None:
    clip = dance(49, fps=have)
    other = transform.resample(clip, want)
    exact = dance(frames, fps=want)
    assert len(other) == frames
    np.testing.assert_allclose(other.positions, exact.positions, atol=2e-5)


def test_resample_to_its_own_rate_is_the_clip_itself(dance: Maker) -> None:
    clip = dance()
    assert transform.resample(clip, clip.fps) is clip


def test_a_resampled_frame_beside_a_bad_one_is_bad(dance: Maker) -> None:
    clip = replace(dance(6, fps=30.0), valid=np.array([True, True, False, True, True, True]))
    double = transform.resample(clip, 60.0)
    assert np.flatnonzero(~double.valid).tolist() == [3, 4, 5]


def test_resample_refuses_a_rate_that_is_none_or_leaves_one_frame(dance: Maker) -> None:
    with pytest.raises(DataError, match="fps: 0; expected more than 0"):
        transform.resample(dance(), 0.0)
    with pytest.raises(DataError, match="1 frames; expected at least 2"):
        transform.resample(dance(5), 1.0)


def test_scale_to_gives_the_legs_their_length(dance: Maker) -> None:
    clip = dance(2)
    length = transform.leg_length(clip)
    assert length == pytest.approx(0.8, abs=1e-4)
    np.testing.assert_allclose(transform.scale_to(clip, 2 * length).positions, clip.positions * 2, rtol=1e-6)


def test_scale_subjects_uses_one_factor_for_each_subject(dance: Maker) -> None:
    tall = transform.scale(dance(2, subject="a"), 3.0)
    clips = [dance(2, subject="a"), tall, dance(2, subject="b")]
    scaled = transform.scale_subjects(clips, transform.leg_length(clips[0]))
    factors = [float(new.positions[0, 0, 1] / old.positions[0, 0, 1]) for new, old in zip(scaled, clips, strict=True)]
    assert factors == pytest.approx([0.5, 0.5, 1.0], rel=1e-6)


def test_a_body_without_legs_cannot_be_measured(dance: Maker) -> None:
    clip = dance()
    bare = replace(clip, skeleton=msgspec.structs.replace(clip.skeleton, legs=()))
    with pytest.raises(DataError, match="glide: no legs; expected legs to measure the body by"):
        transform.scale_to(bare, 0.8)
    with pytest.raises(DataError, match="legs of length 0"):
        transform.leg_length(transform.scale(clip, 0.0))


def test_floor_puts_the_lowest_toe_on_the_ground_and_origin_starts_at_zero(dance: Maker) -> None:
    clip = dance(300)
    positions = clip.positions + np.array([4, 2, -3], np.float32)
    positions[7, 4, 1] = -9.0
    placed = transform.origin(transform.floor(replace(clip, positions=positions)))
    assert placed.positions[8:, [4, 8], 1].min() == pytest.approx(0.0, abs=1e-6)
    assert placed.positions[7, 4, 1] < -9.0
    np.testing.assert_array_equal(placed.positions[0, 0, [0, 2]], [0, 0])


def _long_legs(body: Skeleton) -> Skeleton:
    offsets = [
        tuple(1.25 * value for value in offset) if joint in (2, 6) else offset
        for joint, offset in enumerate(body.offsets)
    ]
    return msgspec.structs.replace(body, offsets=tuple(offsets))


def test_retarget_gives_every_bone_its_length_and_keeps_its_direction(dance: Maker) -> None:
    clip = dance()
    other = transform.retarget(clip, _long_legs(clip.skeleton))
    for parent, child in clip.skeleton.edges:
        before = clip.positions[:, child] - clip.positions[:, parent]
        after = other.positions[:, child] - other.positions[:, parent]
        lengths = np.linalg.norm(after, axis=-1)
        np.testing.assert_allclose(lengths, np.linalg.norm(other.skeleton.offsets[child]), rtol=1e-5)
        np.testing.assert_allclose(
            after / lengths[:, None], before / np.linalg.norm(before, axis=-1)[:, None], atol=1e-5
        )


def test_retarget_keeps_standing_feet_standing_and_jumps_their_clearance(dance: Maker) -> None:
    clip = dance()
    positions = clip.positions.copy()
    positions[5:9, :, 1] += 0.3
    jump = replace(clip, positions=positions)
    other = transform.retarget(jump, _long_legs(clip.skeleton))
    np.testing.assert_allclose(other.positions[:, [4, 8], 1].min(1), positions[:, [4, 8], 1].min(1), atol=1e-6)
    np.testing.assert_allclose(other.positions[:, 0, [0, 2]], positions[:, 0, [0, 2]], atol=1e-6)
    assert other.positions[0, 0, 1] == pytest.approx(0.98, abs=0.002)


def test_retarget_refuses_another_body(dance: Maker) -> None:
    clip = dance()
    names = tuple("tail" if name == "r_toe" else name for name in clip.skeleton.names)
    with pytest.raises(DataError, match="glide: other joints: r_toe, tail; expected the 9 joints"):
        transform.retarget(clip, msgspec.structs.replace(clip.skeleton, names=names))
    shuffled = msgspec.structs.replace(clip.skeleton, names=clip.skeleton.names[::-1], legs=())
    with pytest.raises(DataError, match="other joints: another order"):
        transform.retarget(clip, shuffled)
    hung = msgspec.structs.replace(clip.skeleton, parents=(-1, 0, 1, 2, 3, 0, 5, 6, 0), legs=())
    with pytest.raises(DataError, match="joints that hang on other parents"):
        transform.retarget(clip, hung)


def test_conform_gives_bodies_of_one_size_at_one_rate(dance: Maker) -> None:
    tall = transform.scale(dance(60, fps=60.0, subject="a"), 1.7)
    clips = [tall, dance(30, fps=30.0, subject="b")]
    body = _long_legs(clips[0].skeleton)
    for clip in transform.conform(clips, body, 30.0):
        assert (clip.fps, len(clip), clip.skeleton) == (30.0, 30, body)
        bones = np.linalg.norm(clip.positions[:, 1] - clip.positions[:, 2], axis=-1)
        np.testing.assert_allclose(bones, 0.5, rtol=1e-5)
        assert clip.positions[:, [4, 8], 1].min() == pytest.approx(0.0, abs=0.002)


def test_conform_only_resamples_markers_and_refuses_another_body(dance: Maker) -> None:
    clip = dance(60, fps=60.0)
    markers = msgspec.structs.replace(clip.skeleton, rigid=False)
    (other,) = transform.conform([clip], markers, 30.0)
    np.testing.assert_allclose(other.positions, clip.positions[::2], atol=1e-6)
    with pytest.raises(DataError, match="glide: other joints"):
        transform.conform([clip], CORE20, 30.0)


def test_split_valid_gives_the_good_stretches(dance: Maker) -> None:
    valid = np.ones(20, np.bool_)
    valid[[3, 10, 12]] = False
    clip = replace(dance(20), valid=valid)
    pieces = transform.split_valid(clip, 4)
    assert [(piece.name, len(piece)) for piece in pieces] == [("glide [4:10]", 6), ("glide [13:20]", 7)]
    assert all(piece.valid.all() for piece in pieces)
    np.testing.assert_array_equal(pieces[1].positions, clip.positions[13:])
    assert [len(piece) for piece in transform.split_valid(clip, 1)] == [3, 6, 7]


def test_split_valid_of_a_good_clip_is_the_clip(dance: Maker) -> None:
    clip = dance(20)
    assert transform.split_valid(clip, 20) == [clip]
    assert transform.split_valid(clip, 21) == []
    assert transform.split_valid(replace(clip, valid=np.zeros(20, np.bool_))) == []
