"""How a sample of moving hands is taken, compiled; see `engine.gestures.onset`."""

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.schema.frame import F32

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


@kernel
def advance(
    values: F32,
    motion: I64,
    scale: F64,
    limits: tuple[float, float, float, float],
    counts: tuple[int, int, int],
    ring: F64,
    energy: F64,
    state: I64,
) -> int:
    """Take a sample (F,) and give its phase.

    Args:
        values: the sample.
        motion: (M,) channels.
        scale: (M,) of these.
        limits: start speed, stop speed, jump, and what makes a speed of a way.
        counts: samples that are calm, that end a sign, and that are the shortest sign.
        ring: (S + 1, M) the last samples, divided by their scales; the newest stands at `known % (S + 1)`.
        energy: (1,) written.
        state: (4,) samples known, whether a sign goes on, for how many samples it does, and for how many hands have
            lain still, in a sign or between two.
    """
    start, stop, jump, rate = limits
    calm, ends, shortest = counts
    rows = ring.shape[0]
    known, signing, moved, still = state[0], state[1], state[2], state[3]
    here = ring[known % rows]
    for place in range(motion.shape[0]):
        here[place] = values[motion[place]] / scale[place]
    if known > 0 and still >= calm and way(here, ring[(known - 1) % rows]) > jump:
        state[0], state[1], state[2], state[3] = 1, signing, 1, 0
        ring[0] = here
        energy[0] = 0.0
        if signing == 0:
            return 0
        return 4 if moved - still >= shortest else 1
    energy[0] = rate * way(here, ring[max(known - rows + 1, 0) % rows])
    state[0] = known + 1
    state[3] = still + 1 if energy[0] <= stop else 0
    if signing == 0:
        if energy[0] <= start:
            return 0
        state[1], state[2], state[3] = 1, 1, 0
        return 1
    state[2] = moved + 1
    if state[3] < ends:
        return 2
    long_enough = state[2] - state[3] >= shortest
    state[1] = 0
    return 3 if long_enough else 0


@kernel
def way(here: F64, there: F64) -> float:
    """Distance between two points (M,)."""
    total = 0.0
    for place in range(here.shape[0]):
        total += (here[place] - there[place]) ** 2
    return float(np.sqrt(total))
