"""Moving digits, made anew."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.schema.errors import DataError
from export.data import moving_mnist
from export.data.moving_mnist import DIGIT, SIZE, Part, make, scaled


def idx(count: int, seed: int) -> bytes:
    """A gzipped idx file of `count` digits, no two alike."""
    pixels = np.random.default_rng(seed).integers(1, 256, (count, DIGIT, DIGIT)).astype(np.uint8)
    header = np.array([0x803, count, DIGIT, DIGIT], ">u4").tobytes()
    return gzip.compress(header + pixels.tobytes())


@pytest.fixture
def digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Made-up digits in the place of handwritten ones."""
    (tmp_path / "mnist").mkdir()
    monkeypatch.setattr(moving_mnist, "KEPT_BACK", 10)
    (tmp_path / moving_mnist.FILES["train"]).write_bytes(idx(40, 1))
    (tmp_path / moving_mnist.FILES["test"]).write_bytes(idx(40, 2))
    monkeypatch.setenv("ENGINE_DATA", str(tmp_path))
    moving_mnist.library.cache_clear()
    yield tmp_path
    moving_mnist.library.cache_clear()


def test_they_move_by_a_tenth_of_their_room_and_stay_within() -> None:
    corners = moving_mnist.paths(np.random.default_rng(1), (300, 2), 20)
    assert corners.min() >= 0
    assert corners.max() == SIZE - DIGIT
    steps, inside = np.diff(corners, axis=2), np.all((corners > 0) & (corners < SIZE - DIGIT), -1)
    lengths = np.hypot(*np.moveaxis(steps, -1, 0))
    free = lengths[inside[:, :, 1:] & inside[:, :, :-1]]
    assert np.sqrt(np.square(free).mean()) == pytest.approx(3.6, rel=0.03)  # places are whole pixels
    assert lengths.max() < 3.6 + 1.5


def test_they_turn_around_at_an_edge() -> None:
    corners = moving_mnist.paths(np.random.default_rng(2), (200,), 40)
    rows = corners[..., 0]
    at_edge = (rows[:, 1:-1] == SIZE - DIGIT) & (rows[:, :-2] < SIZE - DIGIT)
    assert at_edge.sum() > 50
    after, before = rows[:, 2:] - rows[:, 1:-1], rows[:, 1:-1] - rows[:, :-2]
    assert (after[at_edge] <= 0).all()
    assert (before[at_edge] > 0).all()


@pytest.mark.usefixtures("digits")
def test_nothing_of_a_digit_is_lost_where_it_is_alone() -> None:
    films = make("test", 5, 12, np.random.default_rng(3), digits=1)
    inside = films.digits.astype(np.int64).sum((-2, -1))
    assert (films.frames.astype(np.int64).sum((-2, -1)) == inside).all()


@pytest.mark.usefixtures("digits")
def test_the_brighter_pixel_is_seen_where_digits_cross() -> None:
    films = make("test", 5, 12, np.random.default_rng(3))
    apart = [moving_mnist.draw(films.digits[:, [one]], films.corners[:, [one]]) for one in (0, 1)]
    assert np.array_equal(films.frames, np.maximum(*apart))


@pytest.mark.usefixtures("digits")
def test_the_same_seed_makes_the_same_sequences_and_no_other_does() -> None:
    one, same, other = (make("train", 4, 6, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert np.array_equal(one.frames, same.frames)
    assert not np.array_equal(one.frames, other.frames)


@pytest.mark.usefixtures("digits")
def test_no_digit_stands_in_two_parts() -> None:
    parts: tuple[Part, ...] = ("train", "validation", "test")
    known = [{digit.tobytes() for digit in moving_mnist.library(part)} for part in parts]
    assert [len(one) for one in known] == [30, 10, 40]
    assert not known[0] & known[1]
    assert not (known[0] | known[1]) & known[2]


BROKEN = {
    "no gzip": b"no gzip",
    "short": gzip.compress(b"short"),
    "no magic": gzip.compress(b"\x00" * 16 + b"\x01" * 784),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)  # gzip tells the time: as names they would differ
def test_a_damaged_file_of_digits_is_told(digits: Path, broken: bytes) -> None:
    path = digits / moving_mnist.FILES["test"]
    path.write_bytes(broken)
    with pytest.raises(DataError, match="expected a gzipped idx file of digits"):
        make("test", 1, 2, np.random.default_rng(1))


def test_missing_digits_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE_DATA", str(tmp_path))
    moving_mnist.library.cache_clear()
    with pytest.raises(DataError, match="no such file or folder"):
        make("test", 1, 2, np.random.default_rng(1))


@pytest.mark.slow
def test_the_simplest_guesses_are_as_wrong_as_they_are_known_to_be(data_dir: Path) -> None:
    assert data_dir
    films = scaled(make("test", 2500, 20, np.random.default_rng(1)).frames)
    given, alone = films[:, 9:10], films[:, 10:]
    assert np.square(alone - given).sum((2, 3)).mean() == pytest.approx(283.7, rel=0.02)  # of some hundred sequences
    assert np.square(alone).sum((2, 3)).mean() == pytest.approx(172.1, rel=0.02)
