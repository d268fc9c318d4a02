"""The noise written down plainly, one number after the other: what `Noise` is held against."""

from collections.abc import Sequence

import numpy as np

from engine.kernel import kernel
from engine.sampling.noise import I64, U64, Word, draw
from engine.schema.frame import F32


@kernel
def normal_pair(first: Word, second: Word) -> tuple[float, float]:
    """By Box and Muller, with the system's logarithm and sines."""
    radius = np.sqrt(-2.0 * np.log((np.float64(first) + 1.0) * 2.0**-32))
    angle = 2.0 * np.pi * 2.0**-32 * np.float64(second)
    return radius * np.cos(angle), radius * np.sin(angle)


@kernel
def fill_frame(seeds: U64, frame: Word, performers: I64, u: F32, normals: F32) -> None:
    for row in range(performers.shape[0]):
        seed, performer = Word(seeds[row]), Word(performers[row])
        words = draw(seed, frame, Word(0), performer)
        u[row] = np.float64(words[0] >> Word(8)) * 2.0**-24
        for start in range(0, normals.shape[1], 4):
            words = draw(seed, frame, Word(1 + start // 4), performer)
            pairs = normal_pair(words[0], words[1]) + normal_pair(words[2], words[3])
            for offset in range(min(4, normals.shape[1] - start)):
                normals[row, start + offset] = pairs[offset]


def fill(seeds: Sequence[int], frame: int, performers: Sequence[int], dims: int) -> tuple[F32, F32]:
    """Uniform numbers (P,) and white normals (P, D) of a frame of the performers with these seeds and numbers."""
    u, normals = np.zeros(len(performers), np.float32), np.zeros((len(performers), dims), np.float32)
    keys = np.array([seed & 0xFFFFFFFFFFFFFFFF for seed in seeds], np.uint64)
    fill_frame(keys, Word(frame & 0xFFFFFFFFFFFFFFFF), np.array(performers, np.int64), u, normals)
    return u, normals
