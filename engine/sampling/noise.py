"""Noise that can be computed again for any frame alone.

Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2, 3; SC11) turns a counter and a key
into four random words. The key is the performer's seed; the counter is (block, frame, frame >> 32, performer). Word 0
of block 0 is the performer's uniform number, word 1 chooses among stored poses, and the blocks from 1 on make its
normal numbers, two from two words by Box and Muller.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.schema.frame import F32

Word = np.uint64
"""Words have 32 bits but are kept in 64: Numba turns a mixture of signed and unsigned numbers into floats."""

LOW = Word(0xFFFFFFFF)
HALF = Word(32)
MULTIPLIER_0, MULTIPLIER_1 = Word(0xD2511F53), Word(0xCD9E8D57)
WEYL_0, WEYL_1 = Word(0x9E3779B9), Word(0xBB67AE85)
ROUNDS = 10

Words = tuple[Word, Word, Word, Word]
U64 = NDArray[np.uint64]


@kernel
def philox(a: Word, b: Word, c: Word, d: Word, key_0: Word, key_1: Word) -> Words:
    """Four random 32-bit words for a counter of four words and a key of two."""
    for _ in range(ROUNDS):
        first, second = MULTIPLIER_0 * a, MULTIPLIER_1 * c
        a, b, c, d = (second >> HALF) ^ b ^ key_0, second & LOW, (first >> HALF) ^ d ^ key_1, first & LOW
        key_0, key_1 = (key_0 + WEYL_0) & LOW, (key_1 + WEYL_1) & LOW
    return a, b, c, d


@kernel
def draw(seed: Word, frame: Word, block: Word, performer: Word) -> Words:
    """The four words of one block of a performer's frame."""
    return philox(block, frame & LOW, frame >> HALF, performer, seed & LOW, seed >> HALF)


@kernel
def normal_pair(first: Word, second: Word) -> tuple[float, float]:
    """Two independent standard normal numbers from two words; at most 6.7 away from 0."""
    radius = np.sqrt(-2.0 * np.log((np.float64(first) + 1.0) * 2.0**-32))
    angle = 2.0 * np.pi * 2.0**-32 * np.float64(second)
    return radius * np.cos(angle), radius * np.sin(angle)


@kernel
def fill_frame(seeds: U64, frame: Word, performers: NDArray[np.int64], u: F32, normals: F32) -> None:
    """Write the noise of a frame; see `fill`."""
    dims = normals.shape[1]
    for row in range(performers.shape[0]):
        seed, performer = Word(seeds[row]), Word(performers[row])
        words = draw(seed, frame, Word(0), performer)
        # 24 bits, as a float32 holds no more: rounding 32 could give 1.0.
        u[row] = np.float64(words[0] >> Word(8)) * 2.0**-24
        for start in range(0, dims, 4):
            words = draw(seed, frame, Word(1 + start // 4), performer)
            pairs = normal_pair(words[0], words[1]) + normal_pair(words[2], words[3])
            for offset in range(min(4, dims - start)):
                normals[row, start + offset] = pairs[offset]


@kernel
def fill_coloured(
    seeds: U64,
    frame: Word,
    performers: NDArray[np.int64],
    colour: F32,
    past_u: F32,
    past: F32,
    u: F32,
    normals: F32,
) -> None:
    """As `fill_frame` for the first rows, as many as there are performers; all else may have more.

    The normals are weighted by `colour` (C,): those of this frame first, then those of earlier ones. `past_u` (P,) and
    `past` (P, D) are scratch.
    """
    batch = performers.shape[0]
    fill_frame(seeds, frame, performers, u, normals)
    normals[:batch] *= colour[0]
    for lag in range(1, colour.shape[0]):
        fill_frame(seeds, frame - Word(lag), performers, past_u, past)
        past[:batch] *= colour[lag]
        normals[:batch] += past[:batch]


def fill(seeds: U64, frame: int, performers: NDArray[np.int64], u: F32, normals: F32) -> None:
    """Write the noise of one frame.

    Args:
        seeds: (P,) of the performers.
        frame: number of the frame, from 0.
        performers: (P,) int64 numbers of the performers, from 0.
        u: (P,) float32, becomes uniform in [0, 1).
        normals: (P, D) float32, becomes standard normal.
    """
    fill_frame(seeds, _word(frame), performers, u, normals)


def seeded(seeds: Sequence[int]) -> U64:
    """Seeds as `fill` takes them; 64 bits are used."""
    return np.array([_word(seed) for seed in seeds], np.uint64)


class Noise:
    """The noise of P performers, each with its seed, coloured: each normal is a weighted sum of the last frames' own.

    Bodies have mass: what a model cannot predict about them is smooth from frame to frame, while independent numbers
    would make them tremble. The frames before the first have numbers too, so every frame can still be had alone.

    Attributes:
        u: (P,) float32, uniform in [0, 1).
        normals: (P, D) float32; their variance is the sum of the squared weights.
    """

    def __init__(self, seeds: Sequence[int], dims: int, colour: Sequence[float]) -> None:
        performers = len(seeds)
        self._seeds = seeded(seeds)
        self._numbers = np.arange(performers)
        self._colour = np.array(colour, np.float32)
        self._past_u = np.zeros(performers, np.float32)
        self._past = np.zeros((performers, dims), np.float32)
        self.u = np.zeros(performers, np.float32)
        self.normals = np.zeros((performers, dims), np.float32)

    def reseed(self, row: int, seed: int) -> None:
        """Give a performer another seed."""
        self._seeds[row] = _word(seed)

    def fill(self, frame: int, batch: int) -> None:
        """Write the noise of a frame, from 0 on, for the first `batch` performers."""
        performers = self._numbers[:batch]
        fill_coloured(
            self._seeds, _word(frame), performers, self._colour, self._past_u, self._past, self.u, self.normals
        )


def pick(seed: int, frame: int, performer: int, count: int) -> int:
    """A number from 0 to `count` - 1, all equally likely, for a performer's frame; independent of what `fill` gives."""
    words = draw(_word(seed), _word(frame), Word(0), Word(performer))
    return (int(words[1]) * count) >> 32


def _word(number: int) -> Word:
    return Word(number & 0xFFFFFFFFFFFFFFFF)
