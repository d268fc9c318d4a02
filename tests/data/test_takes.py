"""Takes and exports as recordings to learn from."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from danced import take
from recordings import gaps, keys, recorded
from training import synthetic

from engine.motion.core20 import CORE20
from engine.schema.errors import DataError
from export import checkpoint, sources, train
from export.data import folder
from export.formats import numpy_files
from export.formats.options import Options
from export.recording import Recording


def exported(tmp_path: Path, recording: Recording) -> Path:
    path = tmp_path / "dance.npz"
    numpy_files.write(recording, path, Options())
    return path


@pytest.mark.parametrize("make", [take, exported])
def test_every_stretch_of_every_performer_is_a_clip(tmp_path: Path, make: Callable[[Path, Recording], Path]) -> None:
    played = gaps(360)
    path = make(tmp_path, played)
    first, second = folder.read(path)
    assert (first.name, second.name) == (f"{path.stem} p1 [0:360]", f"{path.stem} p2 [120:240]")
    assert np.array_equal(first.positions, played.performers[0].positions)
    assert np.array_equal(second.positions, played.performers[1].positions[120:240])
    assert (first.fps, first.skeleton) == (30.0, CORE20)
    assert first.valid.all()
    assert first.credit
    assert first.licence in ("CC0", "CC0-1.0")
    assert first.source == str(path)


def test_skipped_frames_are_not_valid(tmp_path: Path) -> None:
    (clip,) = folder.read(take(tmp_path, recorded(130), without=(4, 5)))
    assert np.flatnonzero(~clip.valid).tolist() == [4, 5]


def test_frames_can_be_dropped_and_the_rate_corrected(tmp_path: Path) -> None:
    (clip,) = folder.read(take(tmp_path, recorded(130)), drop=3, fps=25.0)
    assert (len(clip), clip.fps) == (127, 25.0)


def test_a_folder_of_takes_is_a_source(tmp_path: Path) -> None:
    for seed in range(3):
        take(tmp_path, recorded(300, 2, seed=seed))
    parts = sources.load(str(tmp_path))
    names = [clip.name for part in parts for clip in part]
    assert len(set(names)) == len(names) >= 6
    assert parts.train[0].skeleton == CORE20


@pytest.mark.parametrize(
    ("recording", "line"),
    [
        (keys(), "a take in which nobody dances; expected bodies to learn from"),
        (recorded(119), "nobody who dances for 4 s"),
    ],
)
def test_a_take_without_dance_is_refused(tmp_path: Path, recording: Recording, line: str) -> None:
    with pytest.raises(DataError, match=line):
        folder.read(take(tmp_path, recording))


def test_a_take_without_an_end_is_to_be_recovered_first(tmp_path: Path) -> None:
    path = take(tmp_path, recorded(60))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with pytest.raises(DataError, match=r"a take without an end.*engine takes recover"):
        folder.read(path)


def test_a_unit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="unit: cm; expected none"):
        folder.read(take(tmp_path, recorded(120)), unit="cm")


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("present", np.ones((1, 4), np.bool_), "positions .* present"),
        ("positions", np.zeros((1, 5, 20)), "positions .* present"),
        ("positions", np.array("text"), "positions .* present"),
        ("fps", np.array([30.0]), "fps: float64 .1,.; expected a number"),
        ("skeleton", np.array("{}"), "skeleton: .*; expected the JSON of a skeleton"),
        ("positions", np.full((1, 120, 20, 3), np.nan), "nan in frame 0"),
        ("positions", np.zeros((1, 120, 7, 3)), "the skeleton has 20 joints"),
    ],
)
def test_a_broken_export_is_refused(tmp_path: Path, name: str, value: np.ndarray, line: str) -> None:
    path = exported(tmp_path, recorded(120))
    arrays = dict(np.load(path))
    np.savez(path, **(arrays | {name: value}))
    with pytest.raises(DataError, match=line):
        folder.read(path)


@pytest.mark.slow
def test_a_recipe_learns_from_takes(tmp_path: Path) -> None:
    for seed in range(2):
        take(tmp_path / "takes", recorded(400, seed=seed))
    recipe = synthetic.recipe(
        data={"source": str(tmp_path / "takes"), "primes": 1},
        train={"epochs": 1, "updates": 1},
    )
    path = synthetic.write(tmp_path / "recipe.toml", recipe)
    last = train.train(path, tmp_path / "run", where=train.Where(accelerator="cpu", devices="1"), progress=False)
    assert last.is_file()
    assert checkpoint.load(last).spec.credit == "made of nothing"
