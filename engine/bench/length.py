"""How long it takes to measure, at least, so that a person is told before; what is slow or compiles comes on top."""

import math

from engine.bench import clock, start
from engine.bench.crowd import PACES
from engine.bench.recording import TURNS as RECORDINGS
from engine.bench.step import HOT
from engine.bench.turns import PACED_TURNS, SETTLING, TURNS

STEPPING = {"reference": 11, "file": 5, "gpu": 6}
"""Candidates and floors at most, by what is measured."""

STARTING = 1.5
"""Seconds of a start."""

CALLS = 10
"""Parts of a frame."""

TRIES = 6
"""Crowds on the way to the largest one."""


def step(stepping: str, pace: str, seconds: float) -> float:
    """Seconds of a model in one batch at one pace."""
    if pace == HOT:
        return STEPPING[stepping] * seconds * (TURNS + 1) / TURNS
    frames = math.ceil(seconds * float(pace) / PACED_TURNS) + SETTLING
    return STEPPING[stepping] * (PACED_TURNS + 1) * frames / float(pace)


def clocks(fps: tuple[float, ...], seconds: float) -> float:
    """Seconds of all clocks."""
    return len(clock.contests(fps)) * seconds


def starts() -> float:
    """Seconds of all starts."""
    return (start.RUNS + 1) * STARTING


def show(seconds: float) -> float:
    """Seconds of a show that is watched."""
    return STARTING + seconds


def parts(seconds: float) -> float:
    """Seconds of all parts for one number of performers."""
    return CALLS * seconds


def crowd(seconds: float) -> float:
    """Seconds of a crowd of the curve."""
    return len(PACES) * seconds


def search(seconds: float) -> float:
    """Seconds of a search for the largest crowd."""
    return TRIES * seconds


def recording(seconds: float) -> float:
    """Seconds of all shows, recorded or not, of one number of performers, and of the frame thread alone."""
    return (2 * RECORDINGS + 2) * seconds


def pictures(models: int, seconds: float) -> float:
    """Seconds of so many models: alone and with bodies, hot and paced."""
    return 4 * models * seconds


def signs(seconds: float) -> float:
    """Seconds of one model: hot and paced."""
    return 2 * seconds


def told(seconds: float) -> str:
    """A length for people."""
    return f"{max(1.0, seconds):.0f} s" if seconds < 90 else f"{seconds / 60:.0f} minutes"
