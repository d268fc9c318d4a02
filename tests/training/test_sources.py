"""What recipes name: the sets with fixed splits, and their genres."""

from pathlib import Path

import numpy as np
import pytest

from engine.motion.core20 import CORE20
from engine.schema.errors import DataError
from export import sources
from export.data.splits import TEST, VALIDATION, Split, trial


def test_recordings_that_are_only_held_out_are_refused(tmp_path: Path) -> None:
    rest = np.cumsum(np.array(CORE20.offsets), 0)
    positions = (rest + np.linspace(0, 3, 300)[:, None, None]).astype(np.float32)
    np.savez(tmp_path / "05_12.npz", positions=positions, joints=np.array(CORE20.names), fps=30.0)
    with pytest.raises(DataError, match="only clips that are always held out") as caught:
        sources.load(str(tmp_path))
    assert caught.value.place == str(tmp_path)


def test_genres_are_those_of_the_training_part(parts: Split) -> None:
    assert sources.genres(parts) == ("modern", "salsa")
    assert sources.genres(parts._replace(train=parts.train[:1])) == ("modern",)


def test_the_cmu_dances_are_on_one_body_and_split_as_always(data_dir: Path) -> None:
    assert data_dir.is_dir()
    parts = sources.load("cmu")
    assert {trial(clip.name) for clip in parts.test} == TEST
    assert {trial(clip.name) for clip in parts.validation} == VALIDATION
    assert not {clip.name for clip in parts.train} & {clip.name for clip in parts.test + parts.validation}
    assert sources.genres(parts) == ("modern", "salsa")
    for clip in parts.train + parts.validation + parts.test:
        assert clip.skeleton == CORE20
        assert clip.credit
    bones = np.linalg.norm(np.array(CORE20.offsets), axis=1)
    for parent, child in CORE20.edges:
        length = np.linalg.norm(parts.train[0].positions[:, child] - parts.train[0].positions[:, parent], axis=1)
        np.testing.assert_allclose(length, bones[child], rtol=1e-4)


def test_the_seeds_recording_is_split_in_time(data_dir: Path) -> None:
    assert data_dir.is_dir()
    parts = sources.load("seed55")
    assert [len(part) for part in parts] == [1, 1, 1]
    assert len(parts.train[0].skeleton.names) == 55
    assert sources.genres(parts) == ("",)
