"""Made-up recordings of pianos: velocities follow the pitch, the chord and a slow wave, with a little chance."""

from pathlib import Path

import mido
import numpy as np

TICKS = 480


def perform(path: Path, *, seed: int, notes: int = 300, loudness: float = 64.0) -> Path:
    """Write a .mid file and give its path."""
    draw = np.random.default_rng(seed)
    track = mido.MidiTrack()
    number = 60
    for note in range(notes):
        number = int(np.clip(number + draw.integers(-7, 8), 36, 96))
        wave = 12.0 * np.sin(note / 9.0)
        velocity = int(np.clip(loudness + 0.6 * (number - 64) + wave + draw.normal(0.0, 2.0), 1, 127))
        wait = int(draw.choice([0, 120, 240]))
        if note % 20 == 0:
            track.append(mido.Message("control_change", control=64, value=127 * (note // 20 % 2), time=0))
        track.append(mido.Message("note_on", note=number, velocity=velocity, time=wait))
        track.append(mido.Message("note_off", note=number, velocity=0, time=100))
    file = mido.MidiFile(ticks_per_beat=TICKS)
    file.tracks.append(track)
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save(path)
    return path


def folder(path: Path, *, pieces: int = 10, notes: int = 300) -> Path:
    """A folder of them, some louder than others."""
    for piece in range(pieces):
        perform(path / f"piece_{piece}.mid", seed=piece, notes=notes, loudness=50.0 + 3.0 * piece)
    return path
