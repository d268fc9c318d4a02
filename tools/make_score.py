"""Write the score that comes with the engine, `engine/scores/nocturne.mid`: the same bytes every time.

A nocturne in F, composed for figurant and given away under CC0. All its velocities are 64: how hard keys are struck is
the model's business. It has what shows touch off: a song over broken chords, full chords, a fast run, a quiet end.
"""

import argparse
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import mido

from engine import scores
from export import whole

SCORE = Path(scores.__file__).parent / "nocturne.mid"

TITLE = "Nocturne in F"
LICENCE = "CC0, composed for figurant"

TICKS = 480
"""In a quarter note."""

BAR = 4 * TICKS
FLAT = 64
GAP = 20
"""Ticks by which a note ends before the next, so that a repeated key comes up."""

STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SIGNS = {"": 0, "b": -1, "#": 1}

TEMPI = {
    0: 66, 6.5: 60, 7: 56, 8: 84, 10: 88, 11: 76, 11.5: 66, 12: 76, 12.75: 62, 13: 60, 15.5: 56, 16: 50, 17: 44, 18: 40,
}  # fmt: skip
"""Quarter notes per minute from a bar on, counted from 0."""

SONG = """
C5/1 A5/2 G5/.5 F5/.5
E5/.5 F5/1.5 D5/1 C5/1
D5/1 Bb5/2 A5/.5 G5/.5
A5/.5 G5/1.5 E5/1 C5/1
C5/1 C6/2 Bb5/.5 A5/.5
A5/.5 G5/.5 F5/1 E5/.5 F5/.5 A5/1
D5/1 Bb5/1 A5/.5 G5/.5 E5/.5 D5/.5
F5/3 -/1
D5+F5+A5/1 D5+F5+A5/.5 E5+G5+Bb5/.5 F5+A5+D6/2
Bb4+D5+G5/1 Bb4+D5+G5/.5 C5+Eb5+A5/.5 D5+G5+Bb5/2
C#5+E5+A5/1 E5+G5+C#6/1 G5+A5+E6/1.5 F5+D6/.5
F5+A5+D6/2 E5+Bb5+C6/2
"""
"""The right hand up to the run: a line is a bar, a length is in quarter notes, - is silence."""

END = """
C6/1 A6/2 G6/.5 F6/.5
E6/.5 F6/1.5 D6/1 C6/1
D6/1 F6/1 Db6/1.5 C6/.5
A5/1.5 C6/.5 Bb5/1 G5/.5 E5/.5
F5/4
"""
"""The right hand after it."""

SCALE = (0, 2, 4, 5, 7, 9, 10)
"""Half tones of F major from C on."""

UPWARDS, RUN = 22, 32
"""Notes of the run that lead upwards, three octaves and back, and all of them: 8 in a quarter note."""

CHORDS = {
    "F": "F2 C3 F3 A3 C4",
    "Dm7": "D2 A2 F3 A3 C4",
    "Bb": "Bb1 F2 D3 F3 Bb3",
    "Bbm": "Bb1 F2 Db3 F3 Bb3",
    "C7": "C2 G2 E3 G3 Bb3",
    "F/A": "A1 F2 C3 F3 A3",
    "Dm": "D2 A2 D3 F3 A3",
    "Gm": "G1 D2 Bb2 D3 G3",
    "Gm7": "G2 D3 F3 Bb3 D4",
    "A7": "A1 E2 C#3 G3 A3",
    "F/C": "C2 A2 C3 F3 A3",
}

HARMONY = "F | Dm7 | Bb | C7 | F/A | Dm | Gm7 C7 | F | Dm | Gm | A7 | Dm C7 | C7 | F | Dm7 | Bb Bbm | F/C C7 | F"
"""The left hand: a chord lasts a bar, two half a bar each."""

DENSE = range(8, 12)
"""Bars in which its notes are twice as fast."""

STILL = 12
"""The bar of the run, in which it holds one chord."""

WAVE = (0, 1, 2, 3, 4, 3, 2, 1)
"""How a broken chord goes up and down."""

LAST = "F1 C2 F3 A3 C4 F4 A4 F5"
ROLL = 60
"""Ticks from note to note of the last chord."""

LIFT = 40
"""Ticks that the pedal is up at each chord."""

Played = tuple[int, int, int]
"""A note: tick, length in ticks, key."""


def key(name: str) -> int:
    """The key of a name such as Bb4; C4 is 60."""
    found = re.fullmatch(r"([A-G])([b#]?)(\d)", name)
    if not found:
        raise ValueError(name)
    letter, sign, octave = found.groups()
    return 12 * (int(octave) + 1) + STEPS[letter] + SIGNS[sign]


def sung(text: str, bar: int) -> Iterator[Played]:
    """The notes of the right hand from a bar on."""
    at = bar * BAR
    for word in text.split():
        names, length = word.split("/")
        ticks = round(float(length) * TICKS)
        if names != "-":
            yield from ((at, ticks - GAP, key(name)) for name in names.split("+"))
        at += ticks


def run(bar: int) -> Iterator[Played]:
    """Up the scale and half of the way back."""
    steps = [*range(UPWARDS), *range(UPWARDS - 2, 2 * UPWARDS - RUN - 2, -1)]
    for index, step in enumerate(steps):
        pitch = key("C4") + 12 * (step // len(SCALE)) + SCALE[step % len(SCALE)]
        yield bar * BAR + index * TICKS // 8, TICKS // 8 - GAP // 4, pitch


def harmony() -> Iterator[tuple[int, int, str]]:
    """Each chord: tick, length in ticks, name."""
    for bar, names in enumerate(HARMONY.split("|")):
        chords = names.split()
        for index, name in enumerate(chords):
            length = BAR // len(chords)
            yield bar * BAR + index * length, length, name


def accompaniment() -> Iterator[Played]:
    """The left hand's broken chords."""
    for at, length, name in harmony():
        keys = [key(each) for each in CHORDS[name].split()]
        if at // BAR == STILL:
            yield from ((at, length - GAP, each) for each in keys)
            continue
        step = TICKS // (4 if at // BAR in DENSE else 2)
        for index in range(length // step):
            yield at + index * step, step, keys[WAVE[index % len(WAVE)]]


def last(bar: int) -> Iterator[Played]:
    """The last chord, rolled and held."""
    for index, name in enumerate(LAST.split()):
        yield bar * BAR + index * ROLL, BAR - index * ROLL, key(name)


def pedalled(bars: int) -> Iterator[tuple[int, int]]:
    """(tick, value) of the pedal: changed with each chord, up at the end."""
    for at in (*(chord[0] for chord in harmony()), (bars - 1) * BAR):
        if at:
            yield at, 0
        yield at + LIFT, 127
    yield bars * BAR, 0


def track(name: str, messages: Sequence[tuple[int, int, mido.Message | mido.MetaMessage]]) -> mido.MidiTrack:
    """A track of messages by their ticks and, at one tick, their rank."""
    made, now = mido.MidiTrack([mido.MetaMessage("track_name", name=name)]), 0
    for at, _, message in sorted(messages, key=lambda each: each[:2]):
        made.append(message.copy(time=at - now))
        now = at
    return made


def hand(name: str, notes: Sequence[Played], pedal: Sequence[tuple[int, int]] = ()) -> mido.MidiTrack:
    """The track of a hand; at one tick keys come up first, then the pedal moves, then keys go down."""
    messages = [(at + length, 0, mido.Message("note_off", note=pitch, velocity=FLAT)) for at, length, pitch in notes]
    messages += [(at, 1, mido.Message("control_change", control=64, value=value)) for at, value in pedal]
    messages += [(at, 2, mido.Message("note_on", note=pitch, velocity=FLAT)) for at, _, pitch in sorted(notes)]
    return track(name, messages)


def nocturne() -> bytes:
    """The whole file."""
    after = STILL + 1
    bars = len(HARMONY.split("|")) + 1
    right = [*sung(SONG, 0), *run(STILL), *sung(END, after)]
    left = [*accompaniment(), *last(bars - 1)]
    words = [
        (0, 0, mido.MetaMessage("copyright", text=LICENCE)),
        (0, 1, mido.MetaMessage("time_signature")),
        (0, 1, mido.MetaMessage("key_signature", key="F")),
    ]
    tempi = [
        (round(bar * BAR), 2, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(beats)))
        for bar, beats in TEMPI.items()
    ]
    tracks = [track(TITLE, [*words, *tempi]), hand("right hand", right), hand("left hand", left, list(pedalled(bars)))]
    file = io.BytesIO()
    mido.MidiFile(type=1, ticks_per_beat=TICKS, tracks=tracks).save(file=file)
    return file.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=SCORE, help="default: the score of the engine")
    path = parser.parse_args().out
    whole.write(path, nocturne())
    print(path)


if __name__ == "__main__":
    main()
