"""Where each message of a MIDI file stands, and what mido is shown of it."""

import io

import mido
import pytest
from midi_bytes import END, chunk, file, meta, off, on, tempo

from engine.midi import smf
from engine.schema.errors import DataError


def test_each_message_has_its_place_whether_its_status_is_there_or_not() -> None:
    data = file(tempo(0, 400_000), on(0, 60, 70) + b"\x05\x40\x50" + meta(300, 1, b"abc") + off(0, 60))
    first, second = smf.walk(data, "x").tracks
    assert [message.status for message in first.messages] == [smf.META, smf.META]
    found = [(status, data[start:end]) for status, start, end in second.messages]
    assert found == [
        (0x90, bytes((60, 70))),
        (0x90, bytes((0x40, 0x50))),
        (smf.META, b"\x01\x03abc"),
        (0x80, bytes((60, 0))),
        (smf.META, END[2:]),
    ]


def test_every_message_of_a_channel_has_its_length() -> None:
    body = bytes.fromhex("00 a0 3c 01  00 b0 07 02  00 c0 03  00 d0 04  00 e0 00 40  00 90 3c 40")
    (track,) = smf.walk(file(body), "x").tracks
    assert [end - start for _, start, end in track.messages] == [2, 2, 1, 1, 2, 2, 2]


def test_mido_is_shown_as_many_messages_in_as_many_tracks() -> None:
    data = file(tempo(3, 1) + meta(5, 0x59, b"\x63\x63"), on(0, 60) + meta(7, 0x66) + b"\x00\xf0\x01\xf7" + off(9, 60))
    layout = smf.walk(data[:14] + chunk(b"what", b"ever") + data[14:], "x")
    shown = mido.MidiFile(file=io.BytesIO(smf.plain(data, smf.walk(data, "x"))))
    assert [len(track) for track in shown.tracks] == [len(track.messages) for track in layout.tracks]
    assert [message.time for message in shown.tracks[1]] == [0, 7, 0, 9, 0]
    assert shown.ticks_per_beat == layout.division == 480


def test_a_status_does_not_last_over_a_system_message() -> None:
    with pytest.raises(DataError, match=r"x: track 1: byte 30: data without a status"):
        smf.walk(file(on(0, 60) + b"\x00\xf0\x01\xf7" + b"\x00\x3c\x00"), "x")
