"""One receiver of notes, whose way may be blocked."""

from runtime.notes_rig import MS, Receiver, Words

from engine.runtime.clock import VirtualClock
from engine.runtime.keys_down import KeysDown
from engine.runtime.note_target import AGAIN, NoteTarget, no_backlog
from engine.schema.note import Note, Pedal


def target() -> tuple[NoteTarget, Receiver]:
    receiver = Receiver(VirtualClock())
    return NoteTarget(Words(), receiver), receiver


def test_nothing_is_owed_where_everything_leaves() -> None:
    one, receiver = target()
    one.tell(0, [Note(60, 64), Note(60, 0)])
    one.tell(0, [])
    assert one.due is None
    one.mend(AGAIN, KeysDown())
    assert receiver.calls == 1


def test_keys_that_went_down_unheard_are_not_struck_later() -> None:
    one, receiver = target()
    receiver.takes = 0
    one.tell(0, [Note(60, 64)])
    assert one.due is None
    assert receiver.got == []


def test_what_came_up_unheard_is_told_ten_times_a_second_at_most_until_it_leaves() -> None:
    one, receiver = target()
    receiver.takes = 1
    one.tell(0, [Note(60, 0, 2), Note(61, 0, 2), Pedal(0, 3)])
    assert one.due == AGAIN
    for now in range(0, 1000 * MS, MS):
        one.mend(now, KeysDown())
    assert receiver.calls == one.missed == 1 + 9
    receiver.takes = None
    receiver.got.clear()
    one.mend(1100 * MS, KeysDown())
    assert [text for _, text in receiver.got] == ["(60, 0, 2)", "(61, 0, 2)", "('pedal', 0, 3)"]
    assert one.due is None


def test_a_key_that_is_down_again_is_not_lifted_and_the_pedal_is_told_where_it_is() -> None:
    one, receiver = target()
    receiver.takes = 0
    one.tell(0, [Note(60, 0), Note(61, 0), Pedal(0)])
    receiver.takes = None
    down = KeysDown()
    down.press(Note(60, 64))
    down.pedal(Pedal(90))
    one.mend(AGAIN, down)
    assert [text for _, text in receiver.got] == ["(61, 0, 1)", "('pedal', 90, 1)"]


def test_notes_do_not_wait_for_a_busy_link() -> None:
    assert no_backlog(3) == 0
