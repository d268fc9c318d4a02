"""A score that is told, alone and beside what somebody plays, in virtual time."""

import numpy as np
from runtime.notes_rig import MS, Rig, melody, pianist, score, touch_of

from engine.schema.note import Note, Pedal


def test_a_score_is_told_as_it_is_written_and_gives_what_it_gives_as_a_file() -> None:
    piece = melody(60)
    rig = Rig(score=piece, flat=False)
    offline, expected = pianist(flat=False), []
    offline.controls = rig.pianist.controls
    for at, event, *_ in piece.events:
        if isinstance(event, Pedal):
            offline.pedal(at, event.value)
        elif event.velocity:
            expected.append((event.number, offline.press(at, event.number, event.velocity), 1))
        else:
            offline.release(at, event.number)
    draw = np.random.default_rng(1)
    end = rig.begun + piece.length
    while rig.clock.now_ns() < end:  # whenever the thread gets to it
        due = rig.turn()
        late = int(draw.integers(0, 30 * MS))
        rig.clock.sleep_until_ns((end if due is None else due) + late)
    rig.turn()
    assert [event for event in rig.events() if event[1]] == expected
    told = [(what, at - rig.begun, number) for what, at, number in touch_of(rig.pianist).told]
    assert told[: len(piece.events)] == touch_of(offline).told
    assert rig.turn() is None
    assert not rig.hanging()


def test_each_key_of_a_score_leaves_when_it_is_due() -> None:
    rig = Rig(score=score((0, Note(60, 64)), (250, Note(60, 0)), (250, Note(62, 64)), (900, Note(62, 0)), length=1000))
    rig.run(2000 * MS)
    assert [((at - rig.begun) // MS, text) for at, text in rig.receivers[0].got] == [
        (0, "(60, 60, 1)"), (250, "(60, 0, 1)"), (250, "(62, 62, 1)"), (900, "(62, 0, 1)"),
    ]  # fmt: skip


def test_what_is_played_beside_a_score_leaves_it_as_it_is() -> None:
    rig = Rig(score=melody(30))
    for _ in range(100):
        rig.ear.note(100, 64)
        rig.run(17 * MS)
        rig.ear.note(100, 0)
        rig.run(16 * MS)
    times = [at for _, at, _ in touch_of(rig.pianist).told]
    assert times == sorted(times)
    assert len([event for event in rig.events() if event[1] and event[0] != 100]) == 30


def test_many_letters_do_not_keep_a_score_waiting() -> None:
    rig = Rig(score=score((1, Note(60, 64)), (5, Note(60, 0)), length=10), took=MS)
    for number in range(50):
        rig.ear.note(70 + number % 20, 64)
    rig.turn()
    (at,) = [at for at, text in rig.receivers[0].got if text == "(60, 60, 1)"]
    assert at - rig.begun <= 3 * MS


def test_a_dense_score_is_played_in_bounded_turns() -> None:
    piece = score(*[(0, Note(21 + n % 88, 64)) for n in range(5000)], (1, Note(30, 0)), length=10)
    rig = Rig(score=piece)
    turns = 0
    while (due := rig.turn()) is not None:
        turns += 1
        rig.clock.sleep_until_ns(due)
    assert 5 <= turns < 20
    assert not rig.hanging()
    assert rig.keyboard.counters.notes == 5000
