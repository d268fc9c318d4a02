"""Arithmetic of mixtures, compiled: K components of D independent normals each; sigma is a standard deviation.

`choose` and `weigh` run on a GPU as well (`engine.sampling.device`), where Numba has the functions of `math` alone.
"""

import math

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.schema.frame import F32

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Flags = NDArray[np.bool_]

BROKEN = -1
"""Stands for a component where the weights are no numbers."""

COLDEST = 0.01
"""Below this temperature the likeliest component is always taken anyway, and logits / 0 would be no number."""

LOG_2PI = float(np.log(2.0 * np.pi))


@kernel
def choose(logits: F32, temperature: F32, top_p: F32, u: F32, shares: F64, order: I64, component: I64) -> None:
    """Choose one component per row, by inverting the distribution with the likeliest first.

    Args:
        logits: (P, K).
        temperature: (P,) > 0; the logits are divided by it.
        top_p: (P,) in (0, 1]; only the likeliest components that together reach this share take part.
        u: (P,) in [0, 1).
        shares: (P, K) scratch; becomes probabilities before the cut, unnormalised, the likeliest 1.
        order: (P, K) scratch; becomes the components, the likeliest first, equal ones by their number.
        component: (P,) becomes the choice, `BROKEN` where there is none.
    """
    for row in range(logits.shape[0]):
        total = weigh(logits[row], temperature[row], shares[row], order[row])
        component[row] = BROKEN
        if not math.isfinite(total):
            continue
        kept, last = 0.0, 0
        for place in range(logits.shape[1]):
            kept += shares[row, order[row, place]]
            last = place
            if kept >= top_p[row] * total:
                break
        target, reached = u[row] * kept, 0.0
        for place in range(last + 1):
            reached += shares[row, order[row, place]]
            component[row] = order[row, place]
            if reached > target:
                break


@kernel
def weigh(logits: F32, temperature: float, shares: F64, order: I64) -> float:
    """Write each component's share of the likeliest one's probability, and their order; give the sum, NaN if broken."""
    top = -np.inf
    for index in range(logits.shape[0]):
        if math.isnan(logits[index]):
            return np.nan
        top = max(top, np.float64(logits[index]))
    total = 0.0
    for index in range(logits.shape[0]):
        share = math.exp((logits[index] - top) / temperature)
        shares[index] = share
        total += share
        place = index
        while place > 0 and shares[order[place - 1]] < share:
            order[place] = order[place - 1]
            place -= 1
        order[place] = index
    return total


@kernel
def divide(temperature: F32, pi_temperature: F32, divisor: F32) -> None:
    """Write what the logits are divided by, `COLDEST` at least, into `divisor` (P,)."""
    for row in range(divisor.shape[0]):
        divisor[row] = max(temperature[row] * pi_temperature[row], np.float32(COLDEST))


@kernel
def heat(own: F32, nudged: Flags, factor: float, pi_temperature: F32, temperature: F32, divisor: F32) -> None:
    """Write the temperature (P,) of each row, its own or where it is nudged that times `factor`, and its `divide`."""
    for row in range(own.shape[0]):
        temperature[row] = own[row] * np.float32(factor) if nudged[row] else own[row]
    divide(temperature, pi_temperature, divisor)


@kernel
def draw_chosen(mu: F32, sigma: F32, normals: F32, temperature: F32, spread: F32, out: F32) -> None:
    """Sample rows that hold one component: write `mu + sigma * temperature * spread * normals` (P, D) into `out`.

    `temperature` and `spread` are (P,); `out` may have more rows.
    """
    for row in range(mu.shape[0]):
        scale = temperature[row] * spread[row]
        for dim in range(mu.shape[1]):
            out[row, dim] = mu[row, dim] + sigma[row, dim] * scale * normals[row, dim]


@kernel
def draw_mixture(
    logits: F32,
    mu: F32,
    sigma: F32,
    u: F32,
    normals: F32,
    temperature: F32,
    pi_temperature: F32,
    spread: F32,
    top_p: F32,
    divisor: F32,
    shares: F64,
    order: I64,
    component: I64,
    out: F32,
) -> None:
    """Choose and sample in one call, as each has its price; all but the head's own may have more rows.

    Args:
        logits: (P, K), of a full head, as `mu` and `sigma` (P, K, D).
        mu: means.
        sigma: standard deviations.
        u: (P,) for `choose`.
        normals: (P, D) standard normal.
        temperature: (P,) >= 0; divides the logits, `COLDEST` at least, and multiplies the standard deviation.
        pi_temperature: (P,) divides the logits as well.
        spread: (P,) multiplies the standard deviation as well.
        top_p: (P,) for `choose`.
        divisor: (P,) scratch; becomes what the logits were divided by.
        shares: (P, K) scratch.
        order: (P, K) scratch.
        component: (P,) becomes the choice.
        out: (P, D) becomes the sample; NaN where the choice is broken.
    """
    batch = logits.shape[0]
    divide(temperature, pi_temperature, divisor[:batch])
    choose(logits, divisor, top_p, u, shares, order, component)
    for row in range(batch):
        if component[row] == BROKEN:
            out[row] = np.nan
            continue
        means, spreads = mu[row, component[row]], sigma[row, component[row]]
        scale = temperature[row] * spread[row]
        for dim in range(means.shape[0]):
            out[row, dim] = means[dim] + spreads[dim] * scale * normals[row, dim]


@kernel
def negative_log_density(logits: F32, mu: F32, sigma: F32, target: F32, out: F64) -> None:
    """Write the negative log density, nats, of targets under mixtures.

    Log-sum-exp in float64, so that a density of e^-10000 is still a number. It may be negative: a density is not
    bounded by 1.

    Args:
        logits: (N, K).
        mu: (N, K, D).
        sigma: (N, K, D), > 0.
        target: (N, D).
        out: (N,) nats per frame; divide by D for nats per dimension.
    """
    for row in range(logits.shape[0]):
        weights, densities = -np.inf, -np.inf
        for index in range(logits.shape[1]):
            density = np.float64(logits[row, index])
            weights = add_logs(weights, density)
            for dim in range(target.shape[1]):
                spread = np.float64(sigma[row, index, dim])
                away = (np.float64(target[row, dim]) - np.float64(mu[row, index, dim])) / spread
                density -= 0.5 * away * away + np.log(spread) + 0.5 * LOG_2PI
            densities = add_logs(densities, density)
        out[row] = weights - densities


@kernel
def add_logs(first: float, second: float) -> float:
    """Logarithm of the sum of two numbers given by their logarithms."""
    high, low = max(first, second), min(first, second)
    if low == -np.inf:
        return high
    return float(high + np.log1p(np.exp(low - high)))
