from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from engine.schema.errors import DataError
from export.data.clip import Clip, single

Maker = Callable[..., Clip]


def test_a_clip_without_a_mask_is_good_throughout(dance: Maker) -> None:
    clip = dance(6)
    assert clip.valid.tolist() == [True] * 6
    assert clip.positions.dtype == np.float32
    assert len(clip) == 6
    assert clip.seconds == pytest.approx(0.2)


def test_a_part_keeps_frames_and_mask(dance: Maker) -> None:
    clip = replace(dance(6), valid=np.array([True, False, True, True, True, True]))
    part = clip.part(1, 4, "middle")
    assert part.name == "middle"
    assert part.valid.tolist() == [False, True, True]
    np.testing.assert_array_equal(part.positions, clip.positions[1:4])
    assert clip.part(0, 3).name == clip.name


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_a_number_that_is_none_is_refused_with_file_frame_and_joint(dance: Maker, value: float) -> None:
    clip = dance(5, source="folder/dance.npz")
    positions = clip.positions.astype(np.float64)
    positions[3, 4, 1] = value
    positions[4, 0, 0] = value
    with pytest.raises(DataError) as caught:
        replace(clip, positions=single(positions))
    assert caught.value.place == "folder/dance.npz: glide"
    assert "in frame 3, joint l_toe, y (and 1 more)" in caught.value.found
    assert caught.value.expected == "finite numbers"


@pytest.mark.parametrize("shape", [(5, 9), (5, 8, 3), (5, 9, 2), (9, 5, 3)])
def test_another_shape_is_refused(dance: Maker, shape: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match=r"glide: positions have the shape .*; expected \(frames, 9, 3\)") as caught:
        replace(dance(5), positions=np.zeros(shape, np.float32))
    assert str(shape) in caught.value.found


def test_a_single_frame_is_refused(dance: Maker) -> None:
    with pytest.raises(DataError, match="glide: 1 frames; expected at least 2"):
        dance(5).part(2, 3)


@pytest.mark.parametrize("fps", [0.0, -30.0, 1000.5, float("nan"), float("inf")])
def test_an_impossible_rate_is_refused(dance: Maker, fps: float) -> None:
    with pytest.raises(DataError, match=r"glide: fps: .*; expected more than 0 and at most 1000"):
        replace(dance(5), fps=fps)


def test_a_mask_of_another_length_or_kind_is_refused(dance: Maker) -> None:
    with pytest.raises(DataError, match=r"valid is bool \(4,\); expected bool \(5,\)"):
        replace(dance(5), valid=np.ones(4, np.bool_))
    with pytest.raises(DataError, match=r"valid is int64 \(5,\)"):
        replace(dance(5), valid=np.ones(5, np.int64))
