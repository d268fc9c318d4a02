"""Keys as MIDI messages, read back by mido."""

from typing import Any

import mido
import pytest
from outputs.reference import EVENTS, empty

from engine.contracts import Status
from engine.outputs.midi import MidiOut, Options
from engine.schema.note import Event, Note, Pedal


def heard(event: Event, **options: Any) -> dict[str, Any]:
    """What mido reads."""
    [message] = MidiOut(Options(**options)).notes([event])
    read: dict[str, Any] = mido.Message.from_bytes(message).dict()
    return {key: read[key] for key in read if key != "time"}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Note(21, 1, 1), {"type": "note_on", "channel": 0, "note": 21, "velocity": 1}),
        (Note(108, 127, 16), {"type": "note_on", "channel": 15, "note": 108, "velocity": 127}),
        (Note(60, 0, 2), {"type": "note_off", "channel": 1, "note": 60, "velocity": 64}),
        (Note(60, 64, 0), {"type": "note_on", "channel": 0, "note": 60, "velocity": 64}),
        (Pedal(127, 10), {"type": "control_change", "channel": 9, "control": 64, "value": 127}),
        (Pedal(0, 0), {"type": "control_change", "channel": 0, "control": 64, "value": 0}),
    ],
)
def test_an_event_is_a_message(event: Event, expected: dict[str, Any]) -> None:
    assert heard(event) == expected


def test_all_can_be_said_on_one_channel_and_keys_can_come_up_otherwise() -> None:
    assert {heard(event, channel=3)["channel"] for event in EVENTS} == {2}
    assert heard(Note(60, 0, 2), release=0)["velocity"] == 0


def test_there_is_a_message_for_each_event_and_nothing_else() -> None:
    output = MidiOut(Options())
    sent = output.notes(EVENTS)
    assert [len(message) for message in sent] == [3] * len(EVENTS)
    assert list(output.datagrams(empty())) == list(output.announce([1])) == []
    assert list(output.report(Status(30.0, 0, 0, 0.1, "m", "playing"))) == []
