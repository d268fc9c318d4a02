"""Velocities put into the bytes of a MIDI file: those bytes change and no other."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from midi_bytes import chunk, file, meta, off, on, pedal, save, scale, tempo

from engine.midi import smf
from engine.schema.errors import DataError
from export.midi_patch import open_piece, patched

AWKWARD = (
    file(
        tempo(0, 400_000) + meta(0, 0x59, b"\x63\x63") + meta(9, 0x66, b"\x90\x3c\x40"),
        on(0, 60) + b"\x83\x00\x40\x50" + b"\x00\x3c\x00" + b"\x00\xf0\x04\x90\x3c\x40\xf7" + off(4, 64),
        on(0, 36, 99, 10) + on(3, 12) + off(9, 36, 10) + pedal(0, 90) + on(7, 127, 200) + off(1, 127),
    )
    + b"\x90\x3c\x40"
)
"""Bytes of notes where there are none, running status, drums, and keys that no piano has."""


def test_only_velocities_change(tmp_path: Path) -> None:
    piece = open_piece(save(tmp_path / "a.mid", AWKWARD))
    assert [note.number for note in piece.strikes] == [60, 12, 127, 64]
    assert [note.velocity for note in piece.strikes] == [64, 64, 127, 0x50]
    assert piece.drums == 1
    done = patched(piece, (1, 2, 3, 4))
    changed = {index: byte for index, byte in enumerate(done) if byte != AWKWARD[index]}
    assert changed == dict(zip(piece.places, (1, 2, 3, 4), strict=True))
    assert len(done) == len(AWKWARD)
    again = open_piece(save(tmp_path / "b.mid", done))
    assert [note.velocity for note in again.strikes] == [1, 2, 3, 4]
    assert [timed.at for timed in again.events] == [timed.at for timed in piece.events]


def test_what_it_had_gives_the_file_back(tmp_path: Path) -> None:
    data = file(scale(range(20, 110), 77))
    head = data[:14]
    data = head + chunk(b"what", b"\x90\x3c\x40") + data[14:]
    piece = open_piece(save(tmp_path / "a.mid", data))
    assert patched(piece, [note.velocity for note in piece.strikes]) == data


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 127), st.integers(0, 127), st.integers(1, 16)), min_size=1))
@settings(max_examples=50, deadline=None)
def test_any_notes_are_found_again(
    tmp_path_factory: pytest.TempPathFactory, notes: list[tuple[int, int, int, int]]
) -> None:
    path = tmp_path_factory.mktemp("piece") / "a.mid"
    data = file(on(0, 60) + b"".join(on(*note) for note in notes))
    piece = open_piece(save(path, data))
    heard = sorted(
        (key, velocity) for _, key, velocity, channel in [(0, 60, 64, 1), *notes] if velocity and channel != 10
    )
    assert sorted((note.number, note.velocity) for note in piece.strikes) == heard
    assert [data[place] for place in piece.places] == [note.velocity for note in piece.strikes]


def test_a_reading_that_differs_from_the_bytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "a.mid", file(scale((60, 62))))
    plain: Callable[[bytes, smf.Layout], bytes] = smf.plain
    monkeypatch.setattr(smf, "plain", lambda data, layout: plain(data, layout).replace(b"\x90\x3e", b"\x90\x3f"))
    with pytest.raises(DataError, match=r"a\.mid: 2 notes in its bytes, 2 read by mido; expected the same notes"):
        open_piece(path)


def test_a_file_of_drums_alone_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no notes but 1 on drums"):
        open_piece(save(tmp_path / "a.mid", file(on(0, 36, 64, 10))))
