import numpy as np
import pytest
from scipy import stats

from engine.sampling.noise import Word, fill, philox, pick
from engine.schema.frame import F32


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_the_published_answers_of_random123(
    counter: tuple[int, ...], key: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    a, b, c, d = map(Word, counter)
    key_0, key_1 = map(Word, key)
    assert tuple(map(int, philox(a, b, c, d, key_0, key_1))) == expected


def noise(seed: int, frame: int, performers: list[int], dims: int = 7) -> tuple[F32, F32]:
    u, normals = np.zeros(len(performers), np.float32), np.zeros((len(performers), dims), np.float32)
    fill(seed, frame, np.array(performers, np.int64), u, normals)
    return u, normals


def test_a_frame_can_be_computed_alone() -> None:
    u, normals = noise(7, 1234, [0, 1, 2, 3])
    for row in range(4):
        alone = noise(7, 1234, [row])
        assert alone[0][0] == u[row]
        np.testing.assert_array_equal(alone[1][0], normals[row])


def test_more_dimensions_leave_the_first_ones_alone() -> None:
    np.testing.assert_array_equal(noise(7, 5, [0], 3)[1][0], noise(7, 5, [0], 8)[1][0, :3])


@pytest.mark.parametrize(
    ("seed", "frame", "performer"), [(8, 1, 0), (7, 2, 0), (7, 1, 1), (7 + 2**32, 1, 0), (7, 1 + 2**32, 0), (-7, 1, 0)]
)
def test_seed_frame_and_performer_all_count(seed: int, frame: int, performer: int) -> None:
    u, normals = noise(7, 1, [0])
    other = noise(seed, frame, [performer])
    assert other[0][0] != u[0]
    assert not (other[1] == normals).any()


def test_the_noise_is_uniform_and_normal_and_has_no_memory() -> None:
    frames = [noise(1, frame, [0, 1], 10) for frame in range(4000)]
    u = np.array([frame[0] for frame in frames])
    normals = np.array([frame[1] for frame in frames])
    assert u.min() >= 0.0
    assert u.max() < 1.0
    assert stats.kstest(u.ravel(), "uniform").pvalue > 0.01
    assert stats.kstest(normals.ravel(), "norm").pvalue > 0.01
    columns = np.hstack([u, normals.reshape(len(frames), -1)])
    pairs = np.corrcoef(np.hstack([columns[1:], columns[:-1]]), rowvar=False) - np.eye(2 * columns.shape[1])
    assert np.abs(pairs).max() < 5 / np.sqrt(len(frames))


def test_uniform_numbers_never_reach_one() -> None:
    """float32 rounds a number just below 1 up to it, so only 24 bits may be used."""
    largest = np.float32(np.float64(0xFFFFFFFF >> 8) * 2.0**-24)
    assert largest < 1.0
    assert np.float32(0xFFFFFFFF * 2.0**-32) == 1.0


def test_picks_are_fair_and_reproducible() -> None:
    picks = [pick(3, frame, 1, 5) for frame in range(5000)]
    assert picks == [pick(3, frame, 1, 5) for frame in range(5000)]
    assert stats.chisquare(np.bincount(picks, minlength=5)).pvalue > 0.01
    u = [noise(3, frame, [1], 1)[0][0] for frame in range(5000)]
    assert abs(np.corrcoef(picks, u)[0, 1]) < 0.05
    assert pick(3, 9, 0, 1) == 0
