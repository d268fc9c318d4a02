"""Keys that others press."""

from collections.abc import Sequence

import pytest

from engine.controls.letter import Letter, Source
from engine.controls.notes import NoteReader, read_note, read_pedal
from engine.schema.note import Note, Pedal
from engine.wire.decode import Message, Value

HERE = Source("osc", "127.0.0.1", 9, trusted=True)


@pytest.mark.parametrize(
    ("given", "note"),
    [
        ((60, 64, 3), Note(60, 64, 3)),
        ((60, 64), Note(60, 64, 1)),
        ((60.4, 63.6, 2.0), Note(60, 64, 2)),
        ((60, 0), Note(60, 0, 1)),
        ((60, 0.01), Note(60, 1, 1)),
        ((60, -5), Note(60, 0, 1)),
        ((60, 1000, 99), Note(60, 127, 16)),
        ((60, 64, 0), Note(60, 64, 0)),
        ((-5, 64), Note(0, 64, 1)),
        ((10**12, 64), Note(127, 64, 1)),
        ((60, True), Note(60, 64, 1)),
        ((60, False), Note(60, 0, 1)),
    ],
)
def test_a_note_is_rounded_and_clamped_and_needs_no_channel(given: Sequence[Value], note: Note) -> None:
    assert read_note(given) == note


@pytest.mark.parametrize(
    ("given", "pedal"),
    [
        ((127,), Pedal(127, 1)),
        ((63.5, 2), Pedal(64, 2)),
        ((True,), Pedal(127, 1)),
        ((False, 4), Pedal(0, 4)),
        ((999,), Pedal(127, 1)),
    ],
)
def test_a_pedal_likewise(given: Sequence[Value], pedal: Pedal) -> None:
    assert read_pedal(given) == pedal


@pytest.mark.parametrize(
    "given", [(), (60,), (60, 64, 1, 1), ("60", 64), (60, None), (60, 64, "x"), (float("nan"), 64), (60, float("inf"))]
)
def test_what_is_no_note_is_refused(given: Sequence[Value]) -> None:
    with pytest.raises(ValueError, match="expected"):
        read_note(given)


@pytest.mark.parametrize("given", [(), (1, 1, 1), ("down",), (None,)])
def test_what_is_no_pedal_is_refused(given: Sequence[Value]) -> None:
    with pytest.raises(ValueError, match="expected"):
        read_pedal(given)


def test_a_letter_is_taken_apart_in_order_and_one_broken_message_spoils_no_other() -> None:
    messages = [
        Message("/x/in/note", (60, 64)), Message("/x/ctl/run", (0,)), Message("/x/in/note", ("?",)),
        Message("/x/in/pedal", (127, 2)), Message("/x/in/note", (60, 0)), Message("/engine/in/note", (1, 1)),
        Message("/x/in/n*", (61, 64)),
    ]  # fmt: skip
    events, rest, broken = NoteReader("/x").sort(Letter(tuple(messages), HERE))
    assert events == [Note(60, 64, 1), Pedal(127, 2), Note(60, 0, 1)]
    assert rest == Letter((messages[1], messages[5], messages[6]), HERE)
    assert broken == 1


def test_a_letter_of_notes_alone_leaves_nothing() -> None:
    assert NoteReader("/x").sort(Letter((Message("/x/in/note", (60, 64)),), HERE)).rest is None
