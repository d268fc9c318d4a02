from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.motion.core20 import CORE20
from engine.schema.errors import DataError
from export.data import arrays, cmu, splits


def _archive() -> arrays.Arrays:
    positions = np.random.default_rng(1).random((10, 20, 3)).astype(np.float32)
    return {
        "positions": positions,
        "valid": np.arange(10) != 6,
        "clip_start": np.array([0, 4, 10]),
        "clip_id": np.array(["05_01", "60_14"]),
        "joints": np.array(CORE20.names),
        "fps": np.array(30),
    }


def _write(folder: Path, loaded: arrays.Arrays) -> Path:
    path = folder / "dance.npz"
    np.savez(path, **loaded)  # type: ignore[arg-type]  # numpy's stub takes the names for its own option
    return path


def test_every_clip_of_the_archive_is_read(tmp_path: Path) -> None:
    loaded = _archive()
    modern, salsa = cmu.read(_write(tmp_path, loaded))
    assert [(clip.name, clip.subject, clip.genre) for clip in (modern, salsa)] == [
        ("05_01", "05", "modern"),
        ("60_14", "60", "salsa"),
    ]
    assert (len(modern), len(salsa), salsa.fps) == (4, 6, 30.0)
    assert np.flatnonzero(~salsa.valid).tolist() == [2]
    np.testing.assert_array_equal(salsa.positions, loaded["positions"][4:])
    assert "mocap.cs.cmu.edu" in modern.credit
    assert "NSF EIA-0196217" in modern.credit
    assert modern.licence == cmu.LICENCE


@pytest.mark.parametrize("key", cmu.KEYS)
def test_a_missing_array_is_named(tmp_path: Path, key: str) -> None:
    loaded = _archive()
    del loaded[key]
    path = _write(tmp_path, loaded)
    with pytest.raises(DataError) as caught:
        cmu.read(path)
    assert (caught.value.place, caught.value.found) == (str(path), f"no {key}")


BROKEN: dict[str, tuple[str, NDArray[np.generic], str]] = {
    "points": ("positions", np.zeros((10, 19, 3), np.float32), r"float32 \(10, 19, 3\); expected floats \(10, 20, 3\)"),
    "scalar": ("positions", np.array(1.0), r"float64 \(\); expected floats \(0, 20, 3\)"),
    "text": ("positions", np.full((10, 20, 3), "x"), "<U1 .*; expected floats"),
    "mask": ("valid", np.ones(9, np.bool_), r"bool \(9,\); expected booleans \(10,\)"),
    "kind": ("valid", np.ones(10), r"float64 \(10,\); expected booleans \(10,\)"),
    "starts": ("clip_start", np.array([0, 4, 8, 10]), r"int64 \(4,\); expected integers \(3,\)"),
    "names": ("clip_id", np.array([5, 60]), r"int64 \(2,\); expected text \(2,\)"),
    "falling": ("clip_start", np.array([0, 4, 4]), r"\[0, 4, 4\]; expected rising numbers from 0 to 10"),
    "backwards": ("clip_start", np.array([0, 12, 10]), r"\[0, 12, 10\]; expected rising numbers from 0 to 10"),
    "joints": ("joints", np.array(CORE20.names[::-1]), "r_toe r_ankle .*; expected pelvis chest"),
    "fps": ("fps", np.array([30]), r"int64 \(1,\); expected a number \(\)"),
}


@pytest.mark.parametrize(("key", "value", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_arrays_that_do_not_fit_are_named(tmp_path: Path, key: str, value: NDArray[np.generic], message: str) -> None:
    path = _write(tmp_path, _archive() | {key: value})
    with pytest.raises(DataError, match=f"{path}: {key}: {message}"):
        cmu.read(path)


def test_nan_is_told_with_file_clip_frame_and_joint(tmp_path: Path) -> None:
    loaded = _archive()
    positions = np.array(loaded["positions"], np.float32)
    positions[5, 3, 2] = np.nan
    path = _write(tmp_path, loaded | {"positions": positions})
    with pytest.raises(DataError) as caught:
        cmu.read(path)
    assert str(caught.value).startswith(f"{path}: 60_14: nan in frame 1, joint head, z; expected finite numbers")


def test_the_real_archive(data_dir: Path) -> None:
    clips = cmu.read(data_dir / cmu.FILE)
    assert len(clips) == 45
    assert sum(len(clip) for clip in clips) == 30_143
    assert {clip.genre for clip in clips if clip.subject != "05"} == {"salsa"}
    parts = splits.split(clips)
    assert [len(part) for part in parts] == [38, 3, 4]
    assert {clip.name for clip in parts.test} == splits.TEST
