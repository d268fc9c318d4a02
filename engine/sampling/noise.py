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

NEVER = -(2**62)
"""A frame that no frame number comes to."""

ROOT_2 = 0x6A09E667F3BCC
"""Mantissa of the square root of 2."""

LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
LOG = (
    6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
    1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01,
)  # fmt: skip
COS = (
    4.16666666666666019037e-02, -1.38888888888741095749e-03, 2.48015872894767294178e-05,
    -2.75573143513906633035e-07, 2.08757232129817482790e-09, -1.13596475577881948265e-11,
)  # fmt: skip
SIN = (
    -1.66666666666666324348e-01, 8.33333333332248946124e-03, -1.98412698298579493134e-04,
    2.75573137070700676789e-06, -2.50507602534068634195e-08, 1.58969099521155010221e-10,
)  # fmt: skip
"""Polynomials of fdlibm: of the logarithm near 1, the cosine and the sine near 0."""

Words = tuple[Word, Word, Word, Word]
U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]
F64 = NDArray[np.float64]


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
def fill_words(seed: Word, frame: Word, performer: Word, words: U64) -> None:
    """Write the words (4, N) of the blocks 1 to N of a performer's frame."""
    for block in range(words.shape[1]):
        a, b, c, d = draw(seed, frame, Word(1 + block), performer)
        words[0, block], words[1, block], words[2, block], words[3, block] = a, b, c, d


@kernel
def fill_normals(words: U64, radii: F64, normals: F32) -> None:
    """Turn words (4, N) into standard normal numbers (4, N), at most 6.7 away from 0, two from two by Box and Muller.

    Every loop goes over all blocks and has no branch, so that it is compiled to vectors; `radii` (N,) is scratch.
    """
    for pair in range(2):
        first, second = words[2 * pair], words[2 * pair + 1]
        fill_radii(first, radii)
        for block in range(radii.shape[0]):
            # the nearest quarter of a turn, and what is left of it, at most an eighth
            quarter = (second[block] + Word(1 << 29)) >> Word(30)
            rest = np.int64(second[block]) - np.int64(quarter << Word(30))
            cosine, sine = near_turn(rest * (2.0 * np.pi * 2.0**-32))
            odd = (quarter & Word(1)) == Word(1)
            across, up = (sine, cosine) if odd else (cosine, sine)
            across = -across if ((quarter + Word(1)) & Word(2)) == Word(2) else across
            up = -up if (quarter & Word(2)) == Word(2) else up
            normals[2 * pair, block] = radii[block] * across
            normals[2 * pair + 1, block] = radii[block] * up


@kernel
def fill_radii(words: U64, radii: F64) -> None:
    """Write `sqrt(-2 log v)` (N,) for numbers v in (0, 1] made from words (N,); see `near_one`."""
    bits = radii.view(np.int64)
    for block in range(radii.shape[0]):
        radii[block] = np.float64(words[block]) + 1.0
    for block in range(radii.shape[0]):
        power = (bits[block] >> 52) - 1023 - 32
        mantissa = bits[block] & ((1 << 52) - 1)
        above = mantissa > ROOT_2
        # the number itself between 1 / sqrt(2) and sqrt(2); its power of two goes into the lowest bits, unseen
        bits[block] = mantissa | ((1022 if above else 1023) << 52)
        words[block] = Word(power + (1 if above else 0))
    for block in range(radii.shape[0]):
        radii[block] = np.sqrt(-2.0 * near_one(radii[block], np.float64(np.int64(words[block]))))


@kernel
def near_one(number: float, power: float) -> float:
    """Logarithm of `number * 2**power`, the number between 1 / sqrt(2) and sqrt(2).

    That of fdlibm (Sun Microsystems, 1993), right to the last bit but one. Systems have logarithms of their own, so
    theirs would give dances of their own, and none that is compiled to vectors.
    """
    f = number - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (LOG[1] + w * (LOG[3] + w * LOG[5]))
    odd = z * (LOG[0] + w * (LOG[2] + w * (LOG[4] + w * LOG[6])))
    half = 0.5 * f * f
    return float(power * LN2_HIGH - ((half - (s * (half + (odd + even)) + power * LN2_LOW)) - f))


@kernel
def near_turn(angle: float) -> tuple[float, float]:
    """Cosine and sine of an angle of at most an eighth of a turn; likewise fdlibm's."""
    z = angle * angle
    ripple = z * (COS[0] + z * (COS[1] + z * (COS[2] + z * (COS[3] + z * (COS[4] + z * COS[5])))))
    cosine = 1.0 - (0.5 * z - z * ripple)
    ripple = SIN[1] + z * (SIN[2] + z * (SIN[3] + z * (SIN[4] + z * SIN[5])))
    return cosine, angle + z * angle * (SIN[0] + z * ripple)


@kernel
def fill_coloured(
    seeds: U64,
    numbers: U64,
    frame: int,
    batch: int,
    colour: F32,
    held: I64,
    past: F32,
    words: U64,
    radii: F64,
    sums: F32,
    u: F32,
    normals: F32,
) -> None:
    """Write the noise of a frame for the first `batch` of P performers.

    Args:
        seeds: (P,).
        numbers: (P,) of the performers whose noise the rows draw, from 0.
        frame: its number.
        batch: rows.
        colour: (C,) weights of the normals: those of this frame first, then those of earlier ones.
        held: (C, P) which frame's normals each row of `past` holds; those that are missing are made.
        past: (C, P, 4, N) normals of the last frames.
        words: (4, N) scratch.
        radii: (N,) scratch.
        sums: (4, N) scratch.
        u: (P,) becomes uniform in [0, 1).
        normals: (P, D) becomes the weighted sum.
    """
    lags = colour.shape[0]
    for row in range(batch):
        first = draw(seeds[row], Word(frame), Word(0), numbers[row])[0]
        # 24 bits, as a float32 holds no more: rounding 32 could give 1.0.
        u[row] = np.float64(first >> Word(8)) * 2.0**-24
        for lag in range(lags):
            number = frame - lag
            place = number % lags
            own = past[place, row]
            if held[place, row] != number:
                fill_words(seeds[row], Word(number), numbers[row], words)
                fill_normals(words, radii, own)
                held[place, row] = number
            for part in range(4):
                for block in range(radii.shape[0]):
                    weighted = own[part, block] * colour[lag]
                    sums[part, block] = weighted if lag == 0 else sums[part, block] + weighted
        for dim in range(normals.shape[1]):
            normals[row, dim] = sums[dim % 4, dim // 4]


class Noise:
    """The noise of P performers, each with its seed, coloured: each normal is a weighted sum of the last frames' own.

    Bodies have mass: what a model cannot predict about them is smooth from frame to frame, while independent numbers
    would make them tremble. The frames before the first have numbers too, so every frame can still be had alone; of
    frames that follow each other, each is computed once.

    Args:
        seeds: (P,) of the performers; 64 bits are used.
        dims: D.
        colour: (C,) weights of the normals of a frame and of those before it.
        numbers: (P,) of the performers whose noise the rows draw, from 0; None: each row its own.

    Attributes:
        seeds: (P,) uint64.
        numbers: (P,) uint64.
        colour: (C,) float32.
        u: (P,) float32, uniform in [0, 1).
        normals: (P, D) float32; their variance is the sum of the squared weights.
    """

    def __init__(
        self, seeds: Sequence[int], dims: int, colour: Sequence[float], numbers: Sequence[int] | None = None
    ) -> None:
        performers, lags, blocks = len(seeds), len(colour), -(-dims // 4)
        self.seeds: U64 = np.array([_word(seed) for seed in seeds], np.uint64)
        self.numbers: U64 = np.array(range(performers) if numbers is None else numbers, np.uint64)
        self.colour: F32 = np.array(colour, np.float32)
        self._held = np.full((lags, performers), NEVER, np.int64)
        self._past = np.zeros((lags, performers, 4, blocks), np.float32)
        self._words, self._radii = np.zeros((4, blocks), np.uint64), np.zeros(blocks)
        self._sums = np.zeros((4, blocks), np.float32)
        self.u: F32 = np.zeros(performers, np.float32)
        self.normals: F32 = np.zeros((performers, dims), np.float32)

    def reseed(self, row: int, seed: int) -> None:
        """Give a performer another seed."""
        self.seeds[row] = _word(seed)
        self._held[:, row] = NEVER

    def fill(self, frame: int, batch: int) -> None:
        """Write the noise of a frame, from 0 on, for the first `batch` performers."""
        fill_coloured(
            self.seeds, self.numbers, frame, batch, self.colour,
            self._held, self._past, self._words, self._radii, self._sums, self.u, self.normals,
        )  # fmt: skip


def pick(seed: int, frame: int, performer: int, count: int) -> int:
    """A number from 0 to `count` - 1, all equally likely, for a performer's frame; independent of what `fill` gives."""
    words = draw(_word(seed), _word(frame), Word(0), Word(performer))
    return (int(words[1]) * count) >> 32


def _word(number: int) -> Word:
    return Word(number & 0xFFFFFFFFFFFFFFFF)
