from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from engine.schema.errors import DataError
from export.data import splits
from export.data.clip import Clip

Maker = Callable[..., Clip]


def test_cmu_dances_are_split_by_name(dance: Maker) -> None:
    names = ["05_01", "05_12_scaled", "005_07", "60_13", "61_13", "60_14", "61_14 mirrored", "05_17", "61_01"]
    parts = splits.split([replace(dance(), name=name) for name in names])
    assert [clip.name for clip in parts.train] == ["05_01", "61_01"]
    assert [clip.name for clip in parts.validation] == ["005_07", "60_13", "61_13"]
    assert [clip.name for clip in parts.test] == ["05_12_scaled", "60_14", "61_14 mirrored", "05_17"]


@pytest.mark.parametrize(
    ("name", "trial"),
    [
        ("05_12", "05_12"),
        ("005_12", "05_12"),
        ("60_04_scaled.bvh.gz", "60_04"),
        ("61_14 [3:90]", "61_14"),
        ("05_120", "05_120"),
        ("05_1204", ""),
        ("dance", ""),
        ("my 05_12", ""),
    ],
)
def test_a_trial_is_told_by_the_beginning_of_a_name(name: str, trial: str) -> None:
    assert splits.trial(name) == trial


def test_lead_and_follow_of_one_number_stay_together() -> None:
    for part in (splits.TEST, splits.VALIDATION):
        numbers = {subject: {name[3:] for name in part if name[:2] == subject} for subject in ("60", "61")}
        assert numbers["60"] == numbers["61"]
    assert not splits.TEST & splits.VALIDATION


def test_a_single_recording_is_split_in_time_with_gaps(dance: Maker) -> None:
    clip = dance(626)
    train, validation, test = (part[0] for part in splits.split([clip]))
    assert (len(train), len(validation), len(test)) == (405, 63, 94)
    np.testing.assert_array_equal(test.positions, clip.positions[-94:])
    np.testing.assert_array_equal(train.positions, clip.positions[:405])
    np.testing.assert_array_equal(validation.positions, clip.positions[405 + 32 : 626 - 94 - 32])
    assert [part.name for part in (train, validation, test)] == ["glide train", "glide validation", "glide test"]


def test_a_validation_part_can_be_left_out(dance: Maker) -> None:
    train, validation, test = splits.split_time(dance(626), validation=0.0)
    assert (len(train[0]), validation, len(test[0])) == (500, (), 94)


def test_what_cannot_be_split_is_refused(dance: Maker) -> None:
    with pytest.raises(DataError, match="split: no clips"):
        splits.split([])
    with pytest.raises(DataError, match="glide: 60 frames; expected enough for parts of 2 frames with gaps of 32"):
        splits.split([dance(60)])


def test_the_digest_knows_the_split_but_not_the_order(dance: Maker) -> None:
    clips = [replace(dance(), name=name) for name in ("05_01", "05_12", "05_02")]
    digest = splits.digest(splits.split(clips))
    assert splits.digest(splits.split(clips[::-1])) == digest
    assert splits.digest(splits.split(clips[:2])) != digest
    assert splits.digest(splits.split([*clips[:2], dance(19, fps=30.0)])) != digest
