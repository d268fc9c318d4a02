import numpy as np
import pytest
from sampling import plain
from scipy import stats

from engine.sampling.noise import Noise, Word, philox, pick
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
    """White noise of these performers, all with the same seed."""
    made = Noise([seed] * (max(performers) + 1), dims, (1.0,))
    made.fill(frame, len(made.seeds))
    return made.u[performers], made.normals[performers]


@pytest.mark.parametrize("dims", [1, 4, 51, 165])
def test_vectors_make_the_very_numbers_that_are_made_one_by_one(dims: int) -> None:
    """Their logarithm and sines are not the system's, and right to the last bit but one of a float64."""
    found, seeds = Noise([5, -1], dims, (1.0,)), [5, -1]
    for frame in (*range(200), 2**40):
        found.fill(frame, 2)
        u, normals = plain.fill(seeds, frame, [0, 1], dims)
        np.testing.assert_array_equal(found.u, u)
        np.testing.assert_allclose(found.normals, normals, rtol=1.2e-7, atol=1e-15)


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


COLOUR = (0.8, 0.5, 0.3)


def coloured(seeds: list[int], frame: int, batch: int) -> Noise:
    made = Noise(seeds, 7, COLOUR)
    made.fill(frame, batch)
    return made


def test_coloured_noise_is_a_weighted_sum_of_the_last_frames() -> None:
    found = coloured([5, 5], 9, 2)
    expected = sum(np.float32(weight) * noise(5, 9 - lag, [0, 1])[1] for lag, weight in enumerate(COLOUR))
    np.testing.assert_array_equal(found.normals, expected)
    np.testing.assert_array_equal(found.u, noise(5, 9, [0, 1])[0])


def test_a_performer_s_noise_depends_on_its_own_seed_alone() -> None:
    found = coloured([7, 2**62 + 1, 7], 4, 3)
    for row, seed in enumerate((7, 2**62 + 1, 7)):
        alone = coloured([seed] * 3, 4, row + 1)
        assert alone.u[row] == found.u[row]
        np.testing.assert_array_equal(alone.normals[row], found.normals[row])
    assert not (found.normals[0] == found.normals[2]).any()  # the same seed, but another performer


def test_any_order_of_frames_and_batches_gives_the_same_noise() -> None:
    found = Noise([5, 6], 7, COLOUR)
    for frame, batch in ((0, 1), (1, 2), (9, 1), (10, 2), (9, 2), (3, 2), (3, 2)):
        found.fill(frame, batch)
        np.testing.assert_array_equal(found.normals[:batch], coloured([5, 6], frame, batch).normals[:batch])


def test_a_performer_that_gets_a_seed_has_its_noise_from_then_on() -> None:
    found, expected = Noise([1, 1], 7, COLOUR), coloured([1, 9], 30, 2)
    found.fill(29, 2)
    found.reseed(1, 9)
    found.fill(30, 2)
    np.testing.assert_array_equal(found.normals, expected.normals)


def test_only_the_batch_is_filled() -> None:
    found = coloured([1, 1, 1], 3, 2)
    assert found.normals[:2].all()
    assert not found.normals[2].any()
    assert found.u[2] == 0


def test_rows_draw_as_the_performers_that_they_stand_for() -> None:
    found = Noise([7, 8, 7], 7, COLOUR, numbers=[1, 0, 0])
    found.fill(4, 3)
    for row, (seed, number) in enumerate(((7, 1), (8, 0), (7, 0))):
        alone = coloured([seed] * 2, 4, 2)
        assert alone.u[number] == found.u[row]
        np.testing.assert_array_equal(alone.normals[number], found.normals[row])
