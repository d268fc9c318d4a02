from pathlib import Path

import numpy as np
import pytest

from engine.motion.core20 import CORE20
from engine.schema.errors import DataError
from export.data import cmu, folder, place


def _core20(path: Path, frames: int = 4) -> None:
    np.savez(path, positions=np.zeros((frames, 20, 3)), joints=np.array(CORE20.names), fps=24)


def _archive(path: Path) -> None:
    parts = {"valid": np.ones(9, np.bool_), "clip_start": np.array([0, 4, 9]), "clip_id": np.array(["05_01", "60_02"])}
    np.savez(path, positions=np.zeros((9, 20, 3)), joints=np.array(CORE20.names), fps=30, **parts)  # type: ignore[arg-type]  # numpy's stub takes the names for its own option


def test_files_are_read_by_their_suffix(tmp_path: Path, bvh_text: str) -> None:
    _archive(tmp_path / "a.npz")
    _core20(tmp_path / "b.NPZ.npz")
    (tmp_path / "c.bvh").write_text(bvh_text)
    assert [clip.name for clip in folder.read(tmp_path / "a.npz")] == ["05_01", "60_02"]
    assert [clip.fps for clip in folder.read(tmp_path / "b.NPZ.npz")] == [24.0]
    assert [len(clip) for clip in folder.read(tmp_path / "c.bvh")] == [3]


def test_a_folder_is_read_in_natural_order_and_other_files_are_passed_over(tmp_path: Path, bvh_text: str) -> None:
    for name in ("dance10.bvh", "dance2.bvh", "Dance1.bvh", "._dance3.bvh", "notes.txt", "picture.png"):
        (tmp_path / name).write_text(bvh_text)
    (tmp_path / "more.bvh").mkdir()
    _core20(tmp_path / "dance3.npz")
    assert [clip.name for clip in folder.read(tmp_path)] == ["Dance1", "dance2", "dance3", "dance10"]


def test_options_reach_every_reader(tmp_path: Path, bvh_text: str) -> None:
    _archive(tmp_path / "a.npz")
    _core20(tmp_path / "b.npz")
    (tmp_path / "c.bvh").write_text(bvh_text)
    clips = folder.read(tmp_path, fps=50.0, drop=1)
    assert [(clip.fps, len(clip)) for clip in clips] == [(50.0, 3), (50.0, 4), (50.0, 3), (50.0, 2)]
    scaled = folder.read(tmp_path / "c.bvh", unit=2.0)[0]
    assert scaled.positions[0, 0, 1] == pytest.approx(1.6)


def test_a_name_in_the_data_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(place.VARIABLE, str(tmp_path))
    _core20(tmp_path / "mine.npz")
    assert [clip.name for clip in folder.read("mine.npz")] == ["mine"]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(DataError) as caught:
        folder.read(tmp_path)
    line = f"{tmp_path}: a folder without recordings; expected files named .bvh, .bvh.gz, .npy, .npz, .mcap"
    assert str(caught.value) == line


@pytest.mark.parametrize("name", ["dance.fbx", "dance", "dance.gz", "npz"])
def test_a_foreign_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x")
    with pytest.raises(
        DataError, match=f"a file named '{name}'; expected a name that ends in .bvh, .bvh.gz, .npy, .npz, .mcap"
    ):
        folder.read(tmp_path / name)


@pytest.mark.parametrize("name", ["dance.npz", "dance.npy", "dance.bvh", "dance.bvh.gz"])
def test_a_file_that_only_has_the_name_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("something else\n")
    with pytest.raises(DataError, match=str(tmp_path / name)):
        folder.read(tmp_path / name)


def test_one_broken_file_in_a_folder_is_named(tmp_path: Path, bvh_text: str) -> None:
    (tmp_path / "a.bvh").write_text(bvh_text)
    (tmp_path / "b.bvh").write_text(bvh_text[:-30])
    with pytest.raises(DataError, match=f"{tmp_path / 'b.bvh'}:29: 2 frames"):
        folder.read(tmp_path)


def test_what_cannot_be_dropped_or_measured_is_refused(tmp_path: Path) -> None:
    _core20(tmp_path / "b.npz")
    with pytest.raises(DataError, match="b: 4 frames, 3 to drop; expected at least 2 frames to stay"):
        folder.read(tmp_path / "b.npz", drop=3)
    _archive(tmp_path / "a.npz")
    with pytest.raises(DataError, match="unit: cm; expected none, as such a file is in metres"):
        folder.read(tmp_path / "a.npz", unit="cm")
    with pytest.raises(DataError, match="nowhere: no such file or folder"):
        folder.read(tmp_path / "nowhere")


def test_the_real_recordings_are_read(data_dir: Path) -> None:
    assert len(folder.read(data_dir / cmu.FILE)) == 45
    assert [clip.name for clip in folder.read(data_dir / "seed_dance55")] == ["dance", "seed_core20_24fps"]
