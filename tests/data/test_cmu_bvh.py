from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.motion.core20 import CORE20
from engine.schema.errors import DataError
from export.data import bvh, cmu, cmu_bvh, transform
from export.data.clip import Clip


@pytest.mark.parametrize(
    ("file", "trial"),
    [
        ("cmu_dance/original/60_61_daz_bvh/60_04_scaled.bvh.gz", "60_04"),
        ("cmu_dance/original/60_61_daz_bvh/61_14_scaled.bvh.gz", "61_14"),
        ("cmu_dance/original/05_iclone_bvh/005_04.bvh.gz", "05_04"),
    ],
)
def test_the_originals_give_the_archive(data_dir: Path, file: str, trial: str) -> None:
    archived = next(clip for clip in cmu.read(data_dir / cmu.FILE) if clip.name == trial)
    clip = cmu_bvh.original(data_dir / file)
    clip = cmu_bvh.finish(transform.scale(clip, transform.leg_length(archived) / transform.leg_length(clip)))
    assert (clip.name, clip.subject, clip.genre, clip.fps) == (trial, archived.subject, archived.genre, 30.0)
    assert (clip.licence, clip.credit) == (cmu.LICENCE, cmu.CREDIT)
    np.testing.assert_allclose(clip.positions, archived.positions, atol=1e-4)
    np.testing.assert_array_equal(clip.valid, archived.valid)


def test_played_as_written_a_daz_file_runs_twice_as_fast(data_dir: Path) -> None:
    path = data_dir / "cmu_dance/original/60_61_daz_bvh/60_04_scaled.bvh.gz"
    assert bvh.read(path).fps == 2 * cmu_bvh.TRUE_FPS


def test_a_foreign_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a name that is no CMU trial"):
        cmu_bvh.original(tmp_path / "dance.bvh")


def test_a_glitch_is_marked_with_its_neighbours(dance: Callable[..., Clip]) -> None:
    clip = dance(30, fps=30.0)
    clip.positions[12, 4, 0] += 1.0
    assert np.flatnonzero(cmu_bvh.glitches(clip)).tolist() == list(range(8, 17))
    clip.positions[12, 4, 0] -= 0.9
    assert not cmu_bvh.glitches(clip).any()


def test_all_originals_give_the_whole_archive(data_dir: Path) -> None:
    archived = {clip.name: clip for clip in cmu.read(data_dir / cmu.FILE)}
    clips = cmu_bvh.read([data_dir / folder for folder in cmu_bvh.FOLDERS])
    assert {clip.name for clip in clips} == set(archived)
    for clip in clips:
        assert clip.skeleton == CORE20
        np.testing.assert_allclose(clip.positions, archived[clip.name].positions, atol=1e-3)
        np.testing.assert_array_equal(clip.valid, archived[clip.name].valid)
