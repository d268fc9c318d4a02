"""What a pianist's hands know when a key goes down: the numbers of a step, compiled, one note after the other.

Everything is counted from events that have happened; times are nanoseconds, numbers of keys from 0 for the lowest. A
whole recording goes through the same kernels as notes that are played live, so both get the same numbers.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.schema.frame import F32
from engine.schema.note import DOWN, KEYS, LOWEST, Event, Note, Pedal, Timed

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

FEATURES = 64

RECENT = 512
"""Strokes that are remembered: four seconds of 128 each."""

NEVER = -1

SECOND = 1_000_000_000

CHORD = 30_000_000
"""Nanoseconds within which keys that go down count as one chord; a hand strikes its fingers that much apart."""

LONGEST = 10.0
"""Seconds; what is longer ago counts as that long."""

GRAIN = 0.02
"""Seconds below which a time on the logarithmic scale is nearly linear."""

SHORT, LONG = 1.0 / 16.0, 1.0 / 64.0
"""How much of an average is the newest number."""

COUNT, PEDAL, TURNED, RELEASED, CHORD_AT, CHORD_SIZE, CHORD_TOP, CHORD_LOW = range(8)
LAST_AT, LAST_SIZE, LAST_TOP, LAST_LOW = range(8, 12)
ALIKE = 12
NUMBERS = 13

LENGTH, LENGTHS, PITCH, PITCHES, PACE, THICK, PEDALLED, LATELY, LONG_SINCE = range(9)
AVERAGES = 9

FLAT = 64
"""Velocity of every key of a score that says nothing of how hard keys are struck."""

UNVARIED = 32
"""Strokes in a row of one velocity after which, as before the first change, what is heard tells nothing."""

HEARD = 24
"""Strokes whose velocities are looked at."""

SOFTLY, FIRMLY = 1.0 / 4.0, 1.0 / 32.0
"""As `SHORT` and `LONG`, of velocities."""

DOWN_EVENT, UP_EVENT, PEDAL_EVENT = range(3)


class Memory(NamedTuple):
    """What is remembered of everything that happened.

    Attributes:
        numbers: (NUMBERS,) counts, values, moments and keys.
        averages: (AVERAGES,) running averages.
        times: (RECENT,) moments of the last strokes, a ring.
        keys: (RECENT,) their keys.
        heard: (RECENT,) velocities that their player gave them.
        held: (KEYS,) when a key went down that is down; `NEVER` for others.
        struck: (KEYS,) when a key went down last; `NEVER` where it never did.
    """

    numbers: I64
    averages: F64
    times: I64
    keys: I64
    heard: I64
    held: I64
    struck: I64


def fresh() -> Memory:
    """A memory in which nothing has happened."""
    memory = Memory(
        np.zeros(NUMBERS, np.int64),
        np.zeros(AVERAGES, np.float64),
        np.zeros(RECENT, np.int64),
        np.zeros(RECENT, np.int64),
        np.zeros(RECENT, np.int64),
        np.full(KEYS, NEVER, np.int64),
        np.full(KEYS, NEVER, np.int64),
    )
    memory.numbers[[TURNED, RELEASED, CHORD_AT, LAST_AT]] = NEVER
    memory.numbers[ALIKE] = UNVARIED
    return memory


@kernel
def since(at: int, then: int) -> float:
    """Time from a moment on a logarithmic scale: 0 for now, 1 for 0.3 s, 2.2 for ten seconds, longer ago or never."""
    seconds = LONGEST if then < 0 else min((at - then) / SECOND, LONGEST)
    return float(np.log2(1.0 + seconds / GRAIN) * 0.25)


@kernel
def steps(key: int, other: float) -> float:
    """Octaves from another key, three at most."""
    return min(max((key - other) / 12.0, -3.0), 3.0)


@kernel
def release(memory: Memory, at: int, key: int) -> None:
    """A key comes up; nothing happens if it was not down."""
    if memory.held[key] < 0:
        return
    length = since(at, memory.held[key])
    first = memory.numbers[RELEASED] < 0
    memory.averages[LENGTH] = length
    memory.averages[LENGTHS] = (
        length if first else memory.averages[LENGTHS] + SHORT * (length - memory.averages[LENGTHS])
    )
    memory.numbers[RELEASED] = at
    memory.held[key] = NEVER


@kernel
def tread(memory: Memory, at: int, value: int) -> None:
    """The pedal moves."""
    if (value >= DOWN) != (memory.numbers[PEDAL] >= DOWN):
        memory.numbers[TURNED] = at
    memory.numbers[PEDAL] = value


@kernel
def press(memory: Memory, at: int, key: int, own: int, x: F32) -> None:
    """A key goes down: write the numbers of the step into `x` (FEATURES,), then keep the key and how hard it was."""
    describe(memory, at, key, x)
    describe_heard(memory, key, x)
    hear(memory, own)
    remember(memory, at, key)


@kernel
def describe(memory: Memory, at: int, key: int, x: F32) -> None:
    """Write what is known when a key goes down."""
    numbers, averages = memory.numbers, memory.averages
    count = numbers[COUNT]
    x[:] = 0.0
    x[0] = (key + LOWEST - 64) / 24.0
    x[1 + (key + LOWEST) % 12] = 1.0
    for place in range(5):
        back = 1 << place
        x[13 + place] = since(at, memory.times[(count - back) % RECENT] if count >= back else NEVER)
    for place in range(3):
        if count > place:
            x[18 + place] = steps(key, memory.keys[(count - 1 - place) % RECENT])
    describe_recent(memory, at, key, x)
    describe_held(memory, key, x)
    x[34] = averages[LENGTH]
    x[35] = averages[LENGTHS]
    x[36] = since(at, numbers[RELEASED])
    x[37] = numbers[PEDAL] / 127.0
    x[38] = 1.0 if numbers[PEDAL] >= DOWN else 0.0
    x[39] = since(at, numbers[TURNED])
    x[40] = averages[PEDALLED]
    x[41] = since(at, memory.struck[key])
    x[42] = np.log2(1.0 + min(count, 4095)) / 6.0
    if count == 0:
        return
    x[43] = steps(key, averages[PITCH])
    x[44] = steps(key, averages[PITCHES])
    x[45] = averages[PACE]
    x[46] = averages[THICK] / 4.0
    describe_chords(memory, at, key, x)


@kernel
def describe_recent(memory: Memory, at: int, key: int, x: F32) -> None:
    """The strokes of the last four seconds: how many, how high and how low, and those of the same chord."""
    count = memory.numbers[COUNT]
    chord, quarter, one, four, octave, top, low = 0, 0, 0, 0, 0.0, key, key
    for back in range(1, min(count, RECENT) + 1):
        place = (count - back) % RECENT
        ago, other = at - memory.times[place], memory.keys[place]
        if ago > 4 * SECOND:
            break
        four += 1
        quarter += ago <= SECOND // 4
        one += ago <= SECOND
        if ago < CHORD:
            chord += 1
            if other != key and (other - key) % 12 == 0:
                octave = 1.0
        if back <= 32:
            top, low = max(top, other), min(low, other)
    x[21] = chord / 4.0
    x[22] = 1.0 if chord else 0.0
    x[23] = octave
    x[24] = np.log2(1.0 + quarter) / 3.0
    x[25] = np.log2(1.0 + one) / 5.0
    x[26] = np.log2(1.0 + four) / 7.0
    x[27] = steps(key, top)
    x[28] = steps(key, low)


@kernel
def describe_held(memory: Memory, key: int, x: F32) -> None:
    """The keys that are down: how many, and where among them this one is."""
    held, top, low = 0, -1, KEYS
    for other in range(KEYS):
        if memory.held[other] >= 0 and other != key:
            held += 1
            top = other
            low = min(low, other)
    x[29] = held / 6.0
    x[32] = 1.0 if key > top else 0.0
    x[33] = 1.0 if key < low else 0.0
    if held:
        x[30] = steps(key, top)
        x[31] = steps(key, low)


@kernel
def describe_chords(memory: Memory, at: int, key: int, x: F32) -> None:
    """The chord that this key is in, or begins, and the one before it."""
    numbers = memory.numbers
    same = at - numbers[CHORD_AT] < CHORD
    before_at = numbers[LAST_AT] if same else numbers[CHORD_AT]
    before_size = numbers[LAST_SIZE] if same else numbers[CHORD_SIZE]
    pace = since(numbers[CHORD_AT] if same else at, before_at)
    x[47] = pace
    x[48] = pace - memory.averages[PACE]
    x[49] = before_size / 4.0
    if before_size:
        x[50] = steps(key, numbers[LAST_TOP] if same else numbers[CHORD_TOP])
        x[51] = steps(key, numbers[LAST_LOW] if same else numbers[CHORD_LOW])
    if same:
        x[52] = steps(key, numbers[CHORD_TOP])
        x[53] = steps(key, numbers[CHORD_LOW])
        x[54] = since(at, numbers[CHORD_AT])
    else:
        x[55] = since(numbers[CHORD_AT], numbers[LAST_AT])


@kernel
def loud(velocity: float) -> float:
    """A velocity as the network is told it."""
    return (velocity - FLAT) / 24.0


@kernel
def describe_heard(memory: Memory, key: int, x: F32) -> None:
    """How hard the player has played up to now: lately, in this chord or the last one, and on keys near this one."""
    count, numbers, averages = memory.numbers[COUNT], memory.numbers, memory.averages
    if numbers[ALIKE] >= UNVARIED:
        return
    last = (count - 1) % RECENT
    x[56] = 1.0
    x[57] = loud(memory.heard[last])
    x[58] = loud(memory.heard[(count - 2) % RECENT])
    x[59] = loud(averages[LATELY])
    x[60] = loud(averages[LONG_SINCE])
    begun = memory.times[last]
    chord, size, near, nearest, around, weights = 0.0, 0, KEYS, 0.0, 0.0, 0.0
    for back in range(1, min(count, HEARD) + 1):
        place = (count - back) % RECENT
        velocity, away = memory.heard[place], abs(memory.keys[place] - key)
        if begun - memory.times[place] < CHORD:
            chord += velocity
            size += 1
        if away < near:
            near, nearest = away, velocity
        weight = np.exp(-away / 5.0 - back / 8.0)
        around += weight * velocity
        weights += weight
    x[61] = loud(chord / size)
    x[62] = loud(nearest)
    x[63] = loud(around / weights)


@kernel
def hear(memory: Memory, own: int) -> None:
    """Keep the velocity that the player gave the key that goes down now."""
    numbers, averages, count = memory.numbers, memory.averages, memory.numbers[COUNT]
    if count and own != memory.heard[(count - 1) % RECENT]:
        numbers[ALIKE] = 0
    else:
        numbers[ALIKE] = min(numbers[ALIKE] + 1, UNVARIED)
    averages[LATELY] += (SOFTLY if count else 1.0) * (own - averages[LATELY])
    averages[LONG_SINCE] += (FIRMLY if count else 1.0) * (own - averages[LONG_SINCE])
    memory.heard[count % RECENT] = own


@kernel
def remember(memory: Memory, at: int, key: int) -> None:
    """Keep a key that went down, its chord and the averages."""
    numbers, averages = memory.numbers, memory.averages
    count = numbers[COUNT]
    if count and at - numbers[CHORD_AT] < CHORD:
        numbers[CHORD_SIZE] += 1
        numbers[CHORD_TOP] = max(numbers[CHORD_TOP], key)
        numbers[CHORD_LOW] = min(numbers[CHORD_LOW], key)
    else:
        if count:
            pace = since(at, numbers[CHORD_AT])
            averages[PACE] = pace if numbers[LAST_AT] < 0 else averages[PACE] + SHORT * (pace - averages[PACE])
            averages[THICK] += LONG * (numbers[CHORD_SIZE] - averages[THICK])
            numbers[LAST_AT] = numbers[CHORD_AT]
            numbers[LAST_SIZE] = numbers[CHORD_SIZE]
            numbers[LAST_TOP] = numbers[CHORD_TOP]
            numbers[LAST_LOW] = numbers[CHORD_LOW]
        numbers[CHORD_AT] = at
        numbers[CHORD_SIZE] = 1
        numbers[CHORD_TOP] = key
        numbers[CHORD_LOW] = key
    averages[PITCH] = averages[PITCH] + SHORT * (key - averages[PITCH]) if count else key
    averages[PITCHES] = averages[PITCHES] + LONG * (key - averages[PITCHES]) if count else key
    averages[PEDALLED] += LONG * (numbers[PEDAL] / 127.0 - averages[PEDALLED])
    memory.times[count % RECENT] = at
    memory.keys[count % RECENT] = key
    memory.held[key] = at
    memory.struck[key] = at
    numbers[COUNT] = count + 1


@kernel
def run(memory: Memory, events: I64, heard: I64, x: F32) -> None:
    """Put events (E, 3) of moment, kind and key or value through a memory; `x` (N, FEATURES) gets a row per press.

    `heard` (N,) are the velocities that the player gave the keys.
    """
    row = 0
    for place in range(events.shape[0]):
        at, kind, what = events[place]
        if kind == DOWN_EVENT:
            press(memory, at, what, heard[row], x[row])
            row += 1
        elif kind == UP_EVENT:
            release(memory, at, what)
        else:
            tread(memory, at, what)


def key_of(number: int) -> int:
    """The key of a number, from 0 for the lowest; one that no piano has counts as the nearest that it has."""
    return min(max(number - LOWEST, 0), KEYS - 1)


def coded(events: Iterable[Timed]) -> I64:
    """Events as `run` takes them."""
    return np.array([_code(timed.at, timed.event) for timed in events], np.int64).reshape(-1, 3)


def _code(at: int, event: Event) -> tuple[int, int, int]:
    match event:
        case Pedal(value=value):
            return at, PEDAL_EVENT, value
        case Note(number=number, velocity=velocity):
            return at, DOWN_EVENT if velocity else UP_EVENT, key_of(number)


def features(events: I64, heard: NDArray[np.floating] | None = None) -> F32:
    """Step inputs (N, FEATURES) of all presses of a recording, coded; `heard` (N,) velocities, None of a flat score."""
    x = np.zeros((int((events[:, 1] == DOWN_EVENT).sum()), FEATURES), np.float32)
    given = np.full(len(x), FLAT, np.int64) if heard is None else heard.astype(np.int64)
    run(fresh(), events, given, x)
    return x
