"""A whole step of a recurrent mixture in one compiled call, over weights that `packing` laid out.

What a step needs lies in a few flat arrays, as each array that is handed over has its price. `plan` says where.
"""

import numpy as np

from engine.inference.lanes import PANEL, exponential, multiply
from engine.kernel import kernel
from engine.sampling.kernels import BROKEN, F64, I64, choose
from engine.schema.frame import F32

ONE, TWO = np.float32(1.0), np.float32(2.0)
SHIFT, TINY = np.float32(1.5), np.float32(1e-6)
"""Of the two kinds of spread; see `step_graph.Spread`."""

SHAPE, EMBED, DENSE, LOGITS, ROWS, LAYER = range(6)
"""Rows of a plan: the shape of the whole, one product each, and from `LAYER` on one for each LSTM layer."""

FEATURES, LAYERS, COMPONENTS, DIMS, LAZY, SPREAD, GATE, CARRY, UNIT, DEEPEST, WIDEST = range(11)
"""Columns of its first row: F, how many layers, K, D, whether the head is lazy, the kind of spread, where the gate is
(-1: none) and which input is the first that it carries, where units begin, the widths of the scratch space."""

WEIGHTS, BIAS, DEPTH, PANELS, WIDTH = range(5)
"""Columns of the others: where weights and biases begin, how many inputs, panels and outputs; no inputs, no product."""

SIGMOID, ELU, ROOT = range(3)
"""Kinds of spread; floor and reach of the first stand behind the units."""


@kernel
def sigmoid(x: np.float32) -> np.float32:
    """1 / (1 + e^-x), of and in float32."""
    return np.float32(ONE / (ONE + exponential(-x)))


@kernel
def tanh(x: np.float32) -> np.float32:
    """1 - 2 / (e^2x + 1), of and in float32; within 1e-7 of the truth."""
    return np.float32(ONE - TWO / (exponential(TWO * x) + ONE))


@kernel
def turn_cell(gates: F32, h: F32, c: F32) -> None:
    """Advance the cell of one row: `gates` (4 H,) i o f g before their curves; `h` and `c` (H,) are overwritten."""
    width = h.shape[0]
    enter, leave, stay, new = gates[:width], gates[width : 2 * width], gates[2 * width : 3 * width], gates[3 * width :]
    for index in range(width):
        kept = sigmoid(stay[index]) * c[index] + sigmoid(enter[index]) * tanh(new[index])
        c[index] = kept
        h[index] = sigmoid(leave[index]) * tanh(kept)


@kernel
def widen(raw: F32, kind: int, floor: float, reach: float, unit: F32, sigma: F32) -> None:
    """Raw spreads (D,) to standard deviations (D,)."""
    if kind == SIGMOID:
        for dim in range(sigma.shape[0]):
            sigma[dim] = (sigmoid(raw[dim] - SHIFT) * reach + floor) * unit[dim]
        return
    for dim in range(sigma.shape[0]):
        value = raw[dim]
        variance = (value if value > 0 else exponential(value) - ONE) + (ONE + TINY)
        sigma[dim] = (np.sqrt(variance) if kind == ROOT else variance) * unit[dim]


@kernel
def copy(values: F32, begin: int, out: F32) -> None:
    """Copy all values (N,) into `out`, from `begin` on. A slice would do, but compiles for a second each time."""
    for index in range(values.shape[0]):
        out[begin + index] = values[index]


@kernel
def product(plan: I64, weights: F32, numbers: F32, row: int, x: F32, out: F32) -> None:
    """Write the outputs of one product of a plan."""
    own = plan[row]
    multiply(weights, own[WEIGHTS], own[DEPTH], own[PANELS], numbers, own[BIAS], x, out)


@kernel
def recur(plan: I64, weights: F32, numbers: F32, state: F32, joined: F32, raw: F32, x: F32) -> F32:
    """Advance the layers by a step of inputs (B, F); give the last one's output (B, H), a part of `state`."""
    batch, wide = x.shape
    if plan[EMBED, DEPTH] == 0:
        for row in range(batch):
            copy(x[row], 0, joined[row])
    else:
        wide = plan[EMBED, WIDTH]
        product(plan, weights, numbers, EMBED, x, raw)
        for row in range(batch):
            for index in range(wide):
                joined[row, index] = raw[row, index] * sigmoid(raw[row, index])
    at = 0
    h = joined
    for layer in range(LAYER, LAYER + plan[SHAPE, LAYERS]):
        width = plan[layer, WIDTH]
        size = batch * width
        h = state[at : at + size].reshape((batch, width))
        c = state[at + size : at + 2 * size].reshape((batch, width))
        at += 2 * size
        for row in range(batch):
            copy(h[row], wide, joined[row])
        product(plan, weights, numbers, layer, joined, raw)
        for row in range(batch):
            turn_cell(raw[row, : 4 * width], h[row], c[row])
            copy(h[row], 0, joined[row])
        wide = width
    return h


@kernel
def step(
    plan: I64,
    weights: F32,
    numbers: F32,
    state: F32,
    scratch: F32,
    shares: F64,
    order: I64,
    logits: F32,
    mu: F32,
    sigma: F32,
    component: I64,
    x: F32,
    u: F32,
    temperature: F32,
    top_p: F32,
) -> None:
    """Advance every row by a frame.

    Args:
        plan: as the constants above name its rows and columns.
        weights: flat, in panels; float32, or float16 seen as uint16.
        numbers: flat; biases, units, the gate, the spread.
        state: flat; h (B, H) and c (B, H) of every layer; overwritten.
        scratch: flat, at least B times the sum of both widths.
        shares: (B, K) and order (B, K), scratch as for `choose`.
        order: see there.
        logits: (B, K), written.
        mu: (B, D), or (B, K * D) for a full head, written.
        sigma: as `mu`.
        component: (B,), written by a lazy head.
        x: (B, F).
        u: (B,) as for `choose`, as the two after it; a full head does not look at them.
        temperature: (B,) that divides the logits.
        top_p: (B,).

    Raises:
        ValueError: `x` or what is for each row does not fit.
    """
    batch, shape = component.shape[0], plan[SHAPE]
    if x.shape != (batch, shape[FEATURES]) or not (u.shape == temperature.shape == top_p.shape == component.shape):
        raise ValueError("a step of another shape than the model's")
    border = batch * shape[DEEPEST]
    joined = scratch[:border].reshape((batch, shape[DEEPEST]))
    raw = scratch[border : border + batch * shape[WIDEST]].reshape((batch, shape[WIDEST]))
    hidden = recur(plan, weights, numbers, state, joined, raw, x)
    if plan[DENSE, DEPTH] > 0:
        product(plan, weights, numbers, DENSE, hidden, raw)
        for row in range(batch):
            copy(raw[row, : plan[DENSE, WIDTH]], 0, joined[row])
        hidden = joined
    product(plan, weights, numbers, LOGITS, hidden, raw)
    for row in range(batch):
        copy(raw[row, : shape[COMPONENTS]], 0, logits[row])
    if shape[LAZY]:
        choose(logits, temperature, top_p, u, shares, order, component)
    else:
        product(plan, weights, numbers, ROWS, hidden, raw)
    for row in range(batch):
        if not shape[LAZY]:
            for index in range(shape[COMPONENTS]):
                begin = 2 * index * shape[DIMS]
                part = slice(index * shape[DIMS], (index + 1) * shape[DIMS])
                finish(shape, numbers, raw[row, begin:], x[row], mu[row, part], sigma[row, part])
            continue
        if component[row] == BROKEN:
            mu[row].fill(np.nan)
            sigma[row].fill(np.nan)
            continue
        own = plan[ROWS]
        each = own[PANELS] * PANEL
        place, first = own[WEIGHTS] + component[row] * own[DEPTH] * each, own[BIAS] + component[row] * each
        line = raw[row : row + 1]
        multiply(weights, place, own[DEPTH], own[PANELS], numbers, first, hidden[row : row + 1], line)
        finish(shape, numbers, line[0], x[row], mu[row], sigma[row])


@kernel
def finish(shape: I64, numbers: F32, raw: F32, x: F32, mu: F32, sigma: F32) -> None:
    """Turn the rows of one component (2 D or more,) into its means (D,) and standard deviations (D,)."""
    dims, units = shape[DIMS], shape[UNIT]
    copy(raw[:dims], 0, mu)
    if shape[GATE] >= 0:
        gate, carried = numbers[shape[GATE] : shape[GATE] + dims], x[shape[CARRY] : shape[CARRY] + dims]
        for dim in range(dims):
            mu[dim] += gate[dim] * carried[dim]
    unit = numbers[units : units + dims]
    widen(raw[dims : 2 * dims], shape[SPREAD], numbers[units + dims], numbers[units + dims + 1], unit, sigma)
