"""MIDI, read back by pretty_midi, by mido and by the engine: within a millisecond."""

from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pretty_midi
import pytest
from recordings import CREDIT, MADE, keys, recorded

from engine.midi import file as scores
from engine.schema.errors import DataError
from engine.schema.note import Note, Pedal, Timed
from export.formats import midi
from export.formats.options import Options
from export.lengths import held
from export.recording import Recording

SECOND = 10**9
MILLISECOND = 1e-3


def written(recording: Recording, folder: Path, options: Options | None = None) -> Path:
    path = folder / "piano.mid"
    midi.write(recording, path, options or Options())
    return path


def many(seed: int = 1, count: int = 400) -> Recording:
    """Notes at any nanosecond over ten minutes, on keys that are never struck while they are down."""
    draw = np.random.default_rng(seed)
    starts = np.sort(draw.integers(0, 600 * SECOND, count))
    events = []
    for place, start in enumerate(starts.tolist()):
        key, velocity = 21 + place % 88, int(draw.integers(1, 128))
        events += [
            Timed(start, Note(key, velocity, 3)),
            Timed(start + int(draw.integers(1, 3 * SECOND)), Note(key, 0, 3)),
        ]
    return replace(keys(), notes=tuple(sorted(events, key=lambda one: one.at)), frames=603 * 30)


@pytest.mark.parametrize("recording", [keys(), many()], ids=["few", "many"])
def test_pretty_midi_reads_every_note_within_a_millisecond(tmp_path: Path, recording: Recording) -> None:
    found = pretty_midi.PrettyMIDI(str(written(recording, tmp_path)))
    (piano,) = found.instruments
    read = sorted((one.pitch, one.start, one.end, one.velocity) for one in piano.notes)
    played = sorted(
        (timed.event.number, timed.at / SECOND, end / SECOND, timed.event.velocity)
        for timed, end in held(recording)
        if isinstance(timed.event, Note)
    )
    assert [(one[0], one[3]) for one in read] == [(one[0], one[3]) for one in played]
    away = np.array([one[1:3] for one in read]) - np.array([one[1:3] for one in played])
    assert np.abs(away).max() < MILLISECOND


def test_the_pedal_is_there(tmp_path: Path) -> None:
    found = pretty_midi.PrettyMIDI(str(written(keys(), tmp_path)))
    changes = [(change.number, change.value) for change in found.instruments[0].control_changes]
    assert changes == [(64, 127), (64, 40), (64, 0)]
    assert [change.time for change in found.instruments[0].control_changes] == pytest.approx(
        [0.25, 0.95, 1.1], abs=MILLISECOND
    )


def test_title_credit_and_tempo_are_in_the_file(tmp_path: Path) -> None:
    file = mido.MidiFile(written(replace(keys(), name="Étude"), tmp_path), charset="utf-8")
    said = {message.type: message for message in file.tracks[0] if message.is_meta}
    assert said["track_name"].name == "Étude"
    assert said["copyright"].text == CREDIT
    assert said["text"].text == MADE
    assert said["set_tempo"].tempo == 500_000
    assert file.length == pytest.approx(61 / 30, abs=MILLISECOND)


def test_a_title_can_be_given_or_left_out(tmp_path: Path) -> None:
    for title in ("Other", ""):
        file = mido.MidiFile(written(keys(), tmp_path, Options(title=title)))
        assert [message.name for message in file.tracks[0] if message.type == "track_name"] == [title][: len(title)]


def test_the_engine_plays_it(tmp_path: Path) -> None:
    score = scores.read(written(keys(), tmp_path))
    struck = [(timed.event.number, timed.event.velocity) for timed in score.events if isinstance(timed.event, Note)]
    assert sum(velocity > 0 for _, velocity in struck) == 6


def test_a_key_that_is_struck_again_comes_up_first_and_all_come_up_at_the_end(tmp_path: Path) -> None:
    notes = (Timed(0, Note(60, 50, 0)), Timed(SECOND, Note(60, 60, 0)), Timed(SECOND, Pedal(90)))
    file = mido.MidiFile(written(replace(keys(), notes=notes), tmp_path))
    played = [(message.type, message.time) for message in file.tracks[0] if not message.is_meta]
    assert played == [("note_on", 0), ("note_off", 1920), ("control_change", 0), ("note_on", 0), ("note_off", 1984)]


def test_a_recording_without_notes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"without notes; expected keys that were played.*write .bvh"):
        written(recorded(2), tmp_path)
