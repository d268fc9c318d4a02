"""Write made-up recordings of gloves: ten signs of no language, that nobody ever signed.

    tools/synthetic_gloves.py FOLDER        sessions to train with, one table each, of several made-up people
    tools/synthetic_gloves.py --bundled     the recording that comes with the engine, `engine/gestures/synthetic.csv`

The same seed gives the same bytes. Channels are those of the Auslan signs, in units of their own: positions in mm (x to
the right, y up, z forward), angles in degrees, fingers in percent of closed.
"""

import argparse
import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine import gestures
from engine.gestures.tsd import CHANNELS
from export import whole

RECORDING = Path(gestures.__file__).parent / "synthetic.csv"

CREDIT = "synthetic gloves, made by tools/synthetic_gloves.py; nobody's hands"
LICENCE = "CC0"

RATE = 100
"""Samples per second."""

FS = NDArray[np.float64]
Shape = Callable[[FS], dict[str, FS]]

LEFT, RIGHT = slice(0, 11), slice(11, 22)
HAND = tuple(name.removeprefix("left ") for name in CHANNELS[LEFT])
FINGERS = HAND[6:]

REST = {"x": 180.0, "y": -250.0, "z": 150.0, "roll": 10.0, "pitch": -20.0, "thumb": 30.0} | dict.fromkeys(
    FINGERS[1:], 40.0
)
"""The right hand between signs; the left one is its mirror image."""

MIRRORED = ("x", "roll", "yaw")
"""What is the other way round for the left hand."""

REACH = 220.0
"""How far hands go, mm."""

ONE_ROUND = (0.7, 0.95)
"""Seconds that a sign takes, the shortest and the longest; people differ beside that."""

STILL = (0.28, 0.4)
"""Seconds at the end of a sign in which hands lie still."""

PAUSE = (0.25, 0.5)
"""Seconds of rest between signs."""

NOISE = {"x": 0.6, "y": 0.6, "z": 0.6, "roll": 0.5, "pitch": 0.5, "yaw": 0.5} | dict.fromkeys(FINGERS, 0.6)
"""Of the sensors, in their units."""

SWAY = 1.2
"""How far hands wander that mean to lie still, in the units of each channel."""

SWAYING = 0.4
"""Seconds for which they remember where they wandered."""

BUNDLED_SEED, BUNDLED_ROUNDS = 1000, 2
"""Of the recording that comes along: a person and signs that no seed below a thousand gives."""


class Person(NamedTuple):
    """How somebody signs.

    Attributes:
        size: of movements; 1 is usual.
        speed: likewise.
        tilt: of the plane of movements, radians.
        lag: of the left hand, as a share of a sign.
        grip: how far fingers move; 1 is usual.
        rest: (22,) what is added to the pose of rest.
    """

    size: float
    speed: float
    tilt: float
    lag: float
    grip: float
    rest: FS


class Session(NamedTuple):
    """Samples of somebody who signs, (T, 22) whole numbers, and the sign of each, empty at rest."""

    values: NDArray[np.int64]
    labels: tuple[str, ...]


def _there_and_back(u: FS) -> FS:
    return np.sin(np.pi * u)


def _circle(u: FS) -> dict[str, FS]:
    return {"right x": 0.8 * np.sin(2 * np.pi * u), "right y": 0.8 * (1 - np.cos(2 * np.pi * u))}


def _spiral(u: FS) -> dict[str, FS]:
    wide = 1.1 * _there_and_back(u)
    return {
        "left x": wide * np.cos(4 * np.pi * u),
        "left y": wide * np.sin(4 * np.pi * u) + 0.6 * wide,
        "left roll": 1.5 * wide,
        "left fingers": -0.8 * wide,
    }


def _wave(u: FS) -> dict[str, FS]:
    high, swing = _there_and_back(u), np.sin(6 * np.pi * u)
    return {"right y": 1.6 * high, "right x": 0.5 * high * swing, "right yaw": 0.9 * high * swing}


def _fold(u: FS) -> dict[str, FS]:
    inward = _there_and_back(u)
    return _both({"x": -0.7 * inward, "y": -0.8 * inward, "fingers": inward, "pitch": -inward})


def _push(u: FS) -> dict[str, FS]:
    forward = _there_and_back(u)
    return _both({"z": 1.4 * forward, "fingers": -0.6 * forward, "pitch": 1.2 * forward})


def _lift(u: FS) -> dict[str, FS]:
    up = _there_and_back(u)
    return _both({"y": 1.5 * up, "roll": 1.2 * up})


def _cross(u: FS) -> dict[str, FS]:
    inward = _there_and_back(u)
    return _both({"x": -1.7 * inward, "y": 0.7 * inward, "z": 0.3 * np.sin(2 * np.pi * u)})


def _drum(u: FS) -> dict[str, FS]:
    beat = _there_and_back(u) * np.sin(5 * np.pi * u)
    return {"right y": 0.9 * beat, "left y": -0.9 * beat, "right fingers": _there_and_back(u)}


def _open(u: FS) -> dict[str, FS]:
    apart = _there_and_back(u)
    return _both({"x": 1.3 * apart, "fingers": -0.9 * apart, "yaw": 0.8 * apart})


def _twist(u: FS) -> dict[str, FS]:
    turn = np.sin(2 * np.pi * u)
    return {"right z": 0.9 * turn, "left z": -0.9 * turn, "right roll": 1.6 * turn, "left roll": 1.6 * turn}


def _both(right: dict[str, FS]) -> dict[str, FS]:
    """The left hand does the same, mirrored."""
    return {f"{side} {what}": values for what, values in right.items() for side in ("left", "right")}


SHAPES: dict[str, Shape] = {
    "circle": _circle,
    "cross": _cross,
    "drum": _drum,
    "fold": _fold,
    "lift": _lift,
    "open": _open,
    "push": _push,
    "spiral": _spiral,
    "twist": _twist,
    "wave": _wave,
}
"""The signs: what hands do over a sign from 0 to 1, in reaches, half turns of 45 degrees and closed fists."""


def person(draw: np.random.Generator) -> Person:
    """Make somebody up."""
    size, speed, grip = draw.uniform(0.8, 1.2), draw.uniform(0.85, 1.2), draw.uniform(0.7, 1.2)
    return Person(size, speed, draw.uniform(-0.2, 0.2), draw.uniform(0, 0.06), grip, draw.normal(0, 15, len(CHANNELS)))


def sign(label: str, who: Person, draw: np.random.Generator) -> FS:
    """What a sign adds to the pose of rest, (T, 22), the still end included; each time it is a little different."""
    moving = round(RATE * draw.uniform(*ONE_ROUND) / who.speed)
    t = np.arange(1, moving + 1) / moving
    pace = t + draw.uniform(-0.08, 0.08) * np.sin(2 * np.pi * t)
    size = who.size * draw.uniform(0.9, 1.1)
    still = _nothing(draw.uniform(*STILL))
    hands = [
        _hand("left", SHAPES[label], _eased((pace - who.lag) / (1 - who.lag)), size, who),
        _hand("right", SHAPES[label], _eased(pace), size, who),
    ]
    return np.concatenate([np.concatenate(hands, axis=1), still])


def session(who: Person, labels: Sequence[str], draw: np.random.Generator, *, rest: float = 0.0) -> Session:
    """Somebody signs these words, with rests between and, at the end, some more seconds of rest.

    Gloves are put on anew for each session, so they never sit quite the same.
    """
    parts: list[FS] = []
    said: list[str] = []
    for label in labels:
        pause, made = _nothing(draw.uniform(*PAUSE)), sign(label, who, draw)
        parts += [pause, made]
        said += [""] * len(pause) + [label] * len(made)
    parts.append(_nothing(rest))
    said += [""] * len(parts[-1])
    moved = np.concatenate(parts)
    pose = _rest() + who.rest + draw.normal(0, 6, len(CHANNELS))
    noise = draw.normal(0, 1, moved.shape) * np.array([NOISE[what] for what in (*HAND, *HAND)])
    return Session(np.rint(pose + moved + _sway(moved.shape, draw) + noise).astype(np.int64), tuple(said))


def sessions(count: int, repeats: int, seed: int) -> dict[str, Session]:
    """Sessions by name, two in a row of the same person, each with every sign `repeats` times in another order."""
    made: dict[str, Session] = {}
    for number in range(count):
        who = person(np.random.default_rng([seed, 0, number // 2]))
        draw = np.random.default_rng([seed, 1, number])
        made[f"session{number + 1:02d}"] = session(who, draw.permutation(list(SHAPES) * repeats).tolist(), draw)
    return made


def bundled() -> Session:
    """The recording that comes with the engine: every sign twice, by somebody else."""
    draw = np.random.default_rng(BUNDLED_SEED)
    words = [word for _ in range(BUNDLED_ROUNDS) for word in draw.permutation(list(SHAPES)).tolist()]
    return session(person(draw), words, draw)


def table(made: Session) -> bytes:
    """A session as a table of comma-separated values."""
    file = io.StringIO(newline="")
    lines = csv.writer(file, lineterminator="\n")
    lines.writerow(["time", "label", *CHANNELS])
    for number, (label, values) in enumerate(zip(made.labels, made.values.tolist(), strict=True)):
        lines.writerow([f"{number / RATE:.2f}", label, *values])
    return file.getvalue().encode()


def _hand(side: str, shape: Shape, u: FS, size: float, who: Person) -> FS:
    """What one hand does, (T, 11)."""
    moves = {key.split()[1]: value for key, value in shape(u).items() if key.startswith(side)}
    made = {what: np.zeros(len(u)) for what in HAND}
    for what, value in moves.items():
        if what == "fingers":
            made |= dict.fromkeys(FINGERS, 45 * who.grip * value)
        else:
            mirrored = -1 if side == "left" and what in MIRRORED else 1
            made[what] = mirrored * value * (REACH * size if what in "xyz" else 45)
    x, y = made["x"], made["y"]
    made["x"], made["y"] = x * np.cos(who.tilt) - y * np.sin(who.tilt), x * np.sin(who.tilt) + y * np.cos(who.tilt)
    return np.stack([made[what] for what in HAND], axis=1)


def _nothing(seconds: float) -> FS:
    return np.zeros((round(RATE * seconds), len(CHANNELS)))


def _rest() -> FS:
    right = np.array([REST.get(what, 0.0) for what in HAND])
    left = right * np.array([-1.0 if what in MIRRORED else 1.0 for what in HAND])
    return np.concatenate([left, right])


def _eased(t: FS) -> FS:
    """From 0 to 1 without a jerk at either end; half of it at a steady pace, as hands set off at once."""
    t = np.clip(t, 0, 1)
    return 0.5 * t + 0.5 * t * t * (3 - 2 * t)


def _sway(shape: tuple[int, ...], draw: np.random.Generator) -> FS:
    """Hands that wander slowly: noise through a filter of the first order, twice, to a standard deviation of `SWAY`."""
    keep = np.exp(-1 / (RATE * SWAYING))
    made = draw.normal(0, 1, shape)
    for _ in range(2):
        for row in range(1, len(made)):
            made[row] = keep * made[row - 1] + (1 - keep) * made[row]
    return SWAY * made / max(float(made.std()), 1e-9)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="written: a table for each session")
    parser.add_argument("--sessions", type=int, default=40)
    parser.add_argument("--repeats", type=int, default=3, help="of each sign in a session")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bundled", action="store_true", help="write the recording that comes with the engine")
    given = parser.parse_args()
    if given.bundled == (given.folder is not None):
        parser.error("either a folder or --bundled")
    if given.bundled:
        whole.write(RECORDING, table(bundled()))
        print(RECORDING)
        return
    if given.sessions < 3 or given.repeats < 1 or not 0 <= given.seed < BUNDLED_SEED:
        parser.error(f"at least 3 sessions of one of each sign, and a seed from 0 to {BUNDLED_SEED - 1}")
    given.folder.mkdir(parents=True, exist_ok=True)
    for name, made in sessions(given.sessions, given.repeats, given.seed).items():
        whole.write(given.folder / f"{name}.csv", table(made))
        print(given.folder / f"{name}.csv")


if __name__ == "__main__":
    main()
