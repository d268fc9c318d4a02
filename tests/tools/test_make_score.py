"""The score that comes along: made by the tool, flat, and all that a pianist has to show."""

from itertools import pairwise

import make_score
import mido
import pytest

from engine.midi import file as midi_file
from engine.schema.note import Note, Pedal


def test_the_tool_makes_the_bundled_bytes() -> None:
    assert make_score.nocturne() == make_score.SCORE.read_bytes(), "run: python tools/make_score.py"


def test_it_says_what_it_is_and_whose() -> None:
    told = [message for track in mido.MidiFile(make_score.SCORE).tracks for message in track]
    assert [message.text for message in told if message.type == "copyright"] == ["CC0, composed for figurant"]
    assert "Nocturne in F" in [message.name for message in told if message.type == "track_name"]
    assert len({message.tempo for message in told if message.type == "set_tempo"}) > 4


def test_every_bar_is_full() -> None:
    for text in (make_score.SONG, make_score.END):
        for line in text.strip().splitlines():
            assert sum(float(word.split("/")[1]) for word in line.split()) == 4, line


def test_it_is_flat_lasts_about_a_minute_and_leaves_nothing_out() -> None:
    score = midi_file.read(make_score.SCORE)
    notes = [timed.event for timed in score.events if isinstance(timed.event, Note)]
    assert {note.velocity for note in notes} == {0, 64}
    assert 60e9 < score.length < 75e9
    assert score.left_out == {}
    assert sum(isinstance(timed.event, Pedal) for timed in score.events) > 30


def test_it_is_fast_and_slow_dense_and_thin() -> None:
    score = midi_file.read(make_score.SCORE)
    struck = [timed.at for timed in score.events if isinstance(timed.event, Note) and timed.event.velocity]
    gaps = [after - before for before, after in pairwise(sorted(set(struck)))]
    assert min(gaps) < 0.12e9
    assert max(gaps) > 0.5e9
    assert max(struck.count(at) for at in set(struck)) >= 4


def test_a_name_that_is_no_key_is_refused() -> None:
    assert make_score.key("C4") == 60
    assert make_score.key("Bb1") == 34
    with pytest.raises(ValueError, match="H4"):
        make_score.key("H4")
