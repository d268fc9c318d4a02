"""Stacks of arrays, read picture by picture."""

import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.footage import stack
from engine.schema.errors import DataError

FRAMES = np.arange(5 * 4 * 6, dtype=np.uint8).reshape(5, 4, 6)


def greys(path: Path) -> list[int]:
    return [int(shot.pixels[0, 0]) for shot in stack.read(path).shots()]


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("name", ["frames", "images", "pictures", "anything"])
def test_an_archive_is_read_again_and_again(tmp_path: Path, save: Any, name: str) -> None:
    path = tmp_path / "film.npz"
    save(path, **{name: FRAMES})
    found = stack.read(path)
    assert (found.shape, found.fps, found.length) == ((4, 6), None, 5)
    for _ in range(2):
        np.testing.assert_array_equal(np.stack([shot.pixels for shot in found.shots()]), FRAMES)


def test_a_rate_stands_beside_the_pictures(tmp_path: Path) -> None:
    path = tmp_path / "film.npz"
    np.savez(path, frames=FRAMES, fps=np.float64(12.5), clip_id=np.array(["a", "b"]))
    found = stack.read(path)
    assert found.fps == 12.5
    assert [shot.lasts for shot in found.shots()] == [0.08] * 5
    assert stack.beside(path, "clip_id").tolist() == ["a", "b"]  # type: ignore[union-attr]
    assert stack.beside(path, "clip_start") is None


def test_a_plain_array_is_read(tmp_path: Path) -> None:
    path = tmp_path / "film.npy"
    np.save(path, FRAMES)
    assert greys(path) == FRAMES[:, 0, 0].tolist()
    assert stack.beside(path, "fps") is None


@pytest.mark.parametrize(
    ("array", "found"),
    [
        (FRAMES.astype(np.float32), r"an array \(5, 4, 6\), float32"),
        (FRAMES[0], r"an array \(4, 6\), uint8"),
        (FRAMES[..., None], r"an array \(5, 4, 6, 1\), uint8"),
        (FRAMES[:0], r"an array \(0, 4, 6\), uint8"),
        (np.asfortranarray(FRAMES), r"an array \(5, 4, 6\), uint8, columns first"),
        (FRAMES[:, :0], "a picture of 6 x 0"),
        (np.array([{"a": 1}, None]), r"an array \(2,\), object"),
    ],
)
def test_other_arrays_are_refused_by_their_header(tmp_path: Path, array: Any, found: str) -> None:
    for path, save in ((tmp_path / "film.npy", np.save), (tmp_path / "film.npz", np.savez)):
        save(path, array)
        with pytest.raises(DataError, match=found):
            stack.read(path)


def test_several_arrays_without_a_known_name_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "film.npz", a=FRAMES, b=FRAMES)
    with pytest.raises(DataError, match="the arrays a, b; expected one of frames, images, pictures among them"):
        stack.read(tmp_path / "film.npz")


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x93NUMPY\x09\x00", b"\x93NUMPY\x01\x00\x10\x00{'descr'"])
@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_what_is_no_array_is_refused(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    path.write_bytes(content)
    with pytest.raises(DataError, match="a file of plain numpy arrays"):
        stack.read(path)


def test_an_end_in_the_middle_is_told_behind_what_is_good(tmp_path: Path) -> None:
    path = tmp_path / "film.npy"
    np.save(path, FRAMES)
    path.write_bytes(path.read_bytes()[:-30])
    shots = stack.read(path).shots()
    assert len([next(shots) for _ in range(3)]) == 3
    with pytest.raises(DataError, match="an end behind 3 pictures; expected 5 of them"):
        next(shots)


def test_a_stack_of_gigabytes_is_never_inflated_as_a_whole(tmp_path: Path) -> None:
    """A header that announces 4 GB, and 30 MB of zeros that take 30 kB on the disk."""
    path = tmp_path / "film.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("frames.npy", "w") as file:
        np.lib.format.write_array_header_1_0(
            file, {"descr": "|u1", "fortran_order": False, "shape": (4000, 1000, 1000)}
        )
        for _ in range(30):
            file.write(bytes(1_000_000))
    tracemalloc.start()
    try:
        shots = stack.read(path).shots()
        for _ in range(20):
            next(shots)
        assert tracemalloc.get_traced_memory()[1] < 6_000_000
    finally:
        tracemalloc.stop()


def test_an_array_beside_them_that_inflates_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "film.npz"
    np.savez_compressed(path, frames=FRAMES, fps=np.zeros(1_000_000))
    with pytest.raises(DataError, match="fps: over 1000000 bytes"):
        stack.read(path)


@pytest.mark.parametrize("fps", [0, -1, np.nan, np.inf, np.array([1, 2]), "ten"])
def test_a_rate_that_is_none_is_refused(tmp_path: Path, fps: Any) -> None:
    np.savez(tmp_path / "film.npz", frames=FRAMES, fps=fps)
    with pytest.raises(DataError, match=r"fps: .*expected a number over 0 and up to 1000"):
        stack.read(tmp_path / "film.npz")
