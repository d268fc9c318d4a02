"""The format of MNIST."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from footage.made import digits

from engine.footage import idx
from engine.schema.errors import DataError

PICTURES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_pictures_come_one_by_one(tmp_path: Path, suffix: str) -> None:
    packed = digits(tmp_path / "digits-idx3-ubyte.gz", PICTURES)
    (tmp_path / "digits-idx3-ubyte").write_bytes(gzip.decompress(packed.read_bytes()))
    path = tmp_path / f"digits-idx3-ubyte{suffix}"
    found = idx.read(path)
    assert (found.shape, found.length) == ((4, 5), 3)
    np.testing.assert_array_equal(np.stack([shot.pixels for shot in found.shots()]), PICTURES)


def test_labels_are_no_pictures(tmp_path: Path) -> None:
    path = digits(tmp_path / "labels.gz", PICTURES, magic=0x801)
    with pytest.raises(DataError, match="begins with 00000801; expected pictures in the idx format of MNIST"):
        idx.read(path)


def test_more_pictures_promised_than_there_are(tmp_path: Path) -> None:
    shots = idx.read(digits(tmp_path / "digits.gz", PICTURES, count=2**31)).shots()
    for _ in range(3):
        next(shots)
    with pytest.raises(DataError, match="an end behind 3 pictures"):
        next(shots)


FOREIGN = {
    "empty": b"",
    "cut": b"\x1f\x8b",
    "no gzip": b"no gzip",
    "short": gzip.compress(b"\x00\x00\x08\x03\x00"),
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)  # gzip tells the time: as names they would differ
def test_foreign_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "digits.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match="idx format"):
        idx.read(path)


def test_no_pictures_and_huge_ones_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no pictures"):
        idx.read(digits(tmp_path / "digits.gz", PICTURES[:0]))
    head = np.array([0x803, 1, 20_000, 20_000], ">u4").tobytes()
    (tmp_path / "huge.gz").write_bytes(gzip.compress(head))
    with pytest.raises(DataError, match="20000 x 20000"):
        idx.read(tmp_path / "huge.gz")
