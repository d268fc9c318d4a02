"""What the tests with notes share: a tiny pianist, something to play, and a show that plays it."""

import itertools
import random
import re
import subprocess
from collections import Counter
from pathlib import Path

import mido
from live.receiving import ENGINE
from pianos import tiny

TICKS = 960
"""Of a second: 120 beats a minute at 480 ticks."""

KEYS = 88

Event = tuple[int, int, int]
"""Channel, number and velocity of a note; 0: it comes up."""


def write_score(path: Path, seconds: int) -> int:
    """Write a score of chords, runs and repeated keys under a pedal; how many notes it has."""
    draw, notes = random.Random(4), 0  # noqa: S311 (music, no secret)
    events: list[tuple[int, mido.Message]] = []
    for beat in range(0, seconds * TICKS - TICKS, TICKS // 4):
        for number in draw.sample(range(24, 104), draw.choice([1, 1, 2, 4])):
            length = draw.randrange(TICKS // 16, TICKS)
            events += [
                (beat, mido.Message("note_on", note=number, velocity=64)),
                (beat + length, mido.Message("note_off", note=number)),
            ]
            notes += 1
    events += [
        (at, mido.Message("control_change", control=64, value=value))
        for value, first in ((127, 0), (0, 2 * TICKS))
        for at in range(first, seconds * TICKS, 4 * TICKS)
    ]
    events.sort(key=lambda event: event[0])
    starts = [0, *(at for at, _ in events)]
    waits = [after - before for before, after in itertools.pairwise(starts)]
    file = mido.MidiFile(ticks_per_beat=TICKS // 2)
    file.tracks.append(mido.MidiTrack([m.copy(time=wait) for wait, (_, m) in zip(waits, events, strict=True)]))
    file.save(path)
    return notes


def command(folder: Path, score: Path, outs: list[str], control: int = 0) -> list[str]:
    """A show of a tiny pianist."""
    model = tiny(folder / "piano.onnx")
    options = ["--score", str(score), "--control", str(control), "--oscquery", "0"]
    return [ENGINE, "serve", str(model), *options, *itertools.chain(*(("--out", out) for out in outs))]


def played(folder: Path, seconds: int, outs: list[str]) -> str:
    """Have a score of so many seconds played to the end; what the show said."""
    score = folder / "score.mid"
    write_score(score, seconds)
    show = [*command(folder, score, outs), "--for", f"{seconds + 1}s"]
    ended = subprocess.run(show, capture_output=True, text=True, timeout=seconds + 60, check=False)
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout + ended.stderr
    return ended.stdout


def struck(said: str) -> int:
    """How many keys a show says that it struck."""
    found = re.search(r"^keys: (\d+) struck", said, re.MULTILINE)
    assert found is not None, said
    return int(found[1])


def hanging(events: list[Event]) -> set[tuple[int, int]]:
    """Channel and number of the keys that are down after these, in order."""
    down: set[tuple[int, int]] = set()
    for channel, number, velocity in events:
        if velocity:
            down.add((channel, number))
        else:
            down.discard((channel, number))
    return down


def ons(events: list[Event]) -> Counter[tuple[int, int]]:
    """How often each key was struck."""
    return Counter((channel, number) for channel, number, velocity in events if velocity)
