from pathlib import Path

import numpy as np
import pytest

from engine.schema.errors import DataError
from export.data import arrays


def test_arrays_are_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", one=np.arange(3), two=np.array("x"))
    np.save(tmp_path / "b.npy", np.arange(4))
    assert set(arrays.load(tmp_path / "a.npz")) == {"one", "two"}
    assert arrays.load(tmp_path / "b.npy")["positions"].tolist() == [0, 1, 2, 3]


def test_what_is_no_array_is_refused(tmp_path: Path) -> None:
    whole = tmp_path / "whole.npz"
    np.savez_compressed(whole, positions=np.random.default_rng(0).random(1000))
    content = whole.read_bytes()
    path = tmp_path / "dance.npz"
    flipped = content[:2000] + bytes(byte ^ 255 for byte in content[2000:2100]) + content[2100:]
    for damaged in (b"", b"no array at all", content[: len(content) // 2], flipped, b"PK\x03\x04" + b"x" * 50):
        path.write_bytes(damaged)
        with pytest.raises(DataError) as caught:
            arrays.load(path)
        assert caught.value.place == str(path)
        assert "\n" not in str(caught.value)


def test_pickled_objects_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "dance.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="expected a file of plain numpy arrays"):
        arrays.load(tmp_path / "dance.npy")


def test_an_empty_archive_and_a_folder_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "empty.npz")
    with pytest.raises(DataError, match="an archive without arrays"):
        arrays.load(tmp_path / "empty.npz")
    with pytest.raises(DataError, match="IsADirectoryError"):
        arrays.load(tmp_path)


def test_a_header_that_promises_more_than_there_is_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dance.npy"
    np.save(path, np.zeros((1111111, 3), np.int8))
    path.write_bytes(path.read_bytes().replace(b"(1111111, 3)", b"(9999999999)")[:200])
    with pytest.raises(DataError, match=str(path)):
        arrays.load(path)
