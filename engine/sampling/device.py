"""Noise and samples where a model is stepped: kernels for CUDA, of the functions that draw on the CPU.

Whatever is drawn for a row depends on its seed, its number and the frame's alone, as in `engine.sampling.noise`, so a
performer goes on with the same numbers where a device is lost. All arrays are C-contiguous and lie on the device; B
rows, K components, D dimensions.
"""

import math
from collections.abc import Callable
from typing import Any

import numba.cuda
import numpy as np

from engine.kernel import kernel
from engine.sampling.kernels import BROKEN, choose, divide
from engine.sampling.noise import Word, draw

cuda: Any = numba.cuda  # which has no types

THREADS = 128
"""Of a block of a launch: four warps, which every device of the last ten years can hold many of."""

GROUP = 4
"""Normals that one thread makes: as many as one block of the generator gives."""


def launched(function: Callable[..., None]) -> Any:  # noqa: ANN401 (Numba has no types)
    """Compile a function of arrays at its first launch, or take it from the cache of an earlier start."""
    return cuda.jit(cache=True)(function)


def blocks(threads: int) -> int:
    """How many blocks hold so many threads."""
    return -(-threads // THREADS)


def groups(rows: int, dims: int) -> int:
    """Threads that `sample` needs."""
    return rows * -(-dims // GROUP)


@kernel
def normal_pair(first: Word, second: Word) -> tuple[float, float]:
    """Two independent standard normal numbers from two words by Box and Muller, in the device's own float64.

    They are those of `noise.fill_normals` to the last bit of a float32 or so.
    """
    radius = math.sqrt(-2.0 * math.log((np.float64(first) + 1.0) * 2.0**-32))
    angle = 2.0 * np.pi * 2.0**-32 * np.float64(second)
    return radius * math.cos(angle), radius * math.sin(angle)


@launched
def begin(frame, seeds, temperature, pi_temperature, u, divisor):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Write what a choice is made with, one thread per row.

    Args:
        frame: (1,) uint64, its number.
        seeds: (B,) uint64.
        temperature: (B,) >= 0.
        pi_temperature: (B,) > 0.
        u: (B,) becomes uniform in [0, 1).
        divisor: (B,) becomes what the logits are divided by.
    """
    row = cuda.grid(1)
    if row < seeds.shape[0]:
        words = draw(seeds[row], frame[0], Word(0), Word(row))
        u[row] = np.float64(words[0] >> Word(8)) * 2.0**-24
        divide(temperature[row : row + 1], pi_temperature[row : row + 1], divisor[row : row + 1])


@launched
def choose_rows(logits, divisor, top_p, u, shares, order, component):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Choose one component per row (`kernels.choose`), one thread each; logits (B, K), the scratch likewise."""
    row = cuda.grid(1)
    if row < logits.shape[0]:
        one, end = row, row + 1
        choose(
            logits[one:end],
            divisor[one:end],
            top_p[one:end],
            u[one:end],
            shares[one:end],
            order[one:end],
            component[one:end],
        )


@launched
def sample(frame, seeds, colour, temperature, spread, mu, sigma, component, out):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Write `mu + sigma * scale * normals` of the chosen components, one thread for each `GROUP` dimensions.

    Args:
        frame: (1,) uint64, its number.
        seeds: (B,) uint64.
        colour: (C,) weights of the normals of this frame and of those before it.
        temperature: (B,) multiplies the standard deviations.
        spread: (B,) does so as well.
        mu: (B, K, D); of a lazy head K is 1.
        sigma: as `mu`.
        component: (B,) int64, `BROKEN` where there is none: its sample is NaN.
        out: (B, D) becomes the sample.
    """
    dims = out.shape[1]
    per_row = (dims + GROUP - 1) // GROUP
    place = cuda.grid(1)
    row, group = place // per_row, place % per_row
    if row < out.shape[0]:
        normals = cuda.local.array(GROUP, np.float32)
        for offset in range(GROUP):
            normals[offset] = 0.0
        for lag in range(colour.shape[0]):
            words = draw(seeds[row], frame[0] - Word(lag), Word(group + 1), Word(row))
            first, second = normal_pair(words[0], words[1])
            third, fourth = normal_pair(words[2], words[3])
            normals[0] += np.float32(first) * colour[lag]
            normals[1] += np.float32(second) * colour[lag]
            normals[2] += np.float32(third) * colour[lag]
            normals[3] += np.float32(fourth) * colour[lag]
        chosen, scale = component[row], temperature[row] * spread[row]
        for offset in range(min(GROUP, dims - group * GROUP)):
            dim = group * GROUP + offset
            if chosen == BROKEN:
                out[row, dim] = np.nan
            else:
                out[row, dim] = mu[row, chosen, dim] + sigma[row, chosen, dim] * scale * normals[offset]
