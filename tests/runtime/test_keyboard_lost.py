"""What is too much or gets lost on its way leaves no key down, in virtual time."""

import numpy as np
import pytest
from runtime.notes_rig import MS, Rig

from engine.runtime.doubt import GRACE
from engine.schema.note import Event, Note, Pedal


def test_ten_thousand_notes_a_second_do_not_lag_more_and_more_and_nothing_hangs() -> None:
    rig = Rig(took=150_000)  # too slow: 1.5 s for a second of notes
    draw = np.random.default_rng(1)
    seconds, said, waits = 2, 0, []
    begun = rig.clock.now_ns()
    while rig.clock.now_ns() < begun + seconds * 1000 * MS:
        due = int((rig.clock.now_ns() - begun) / 1e9 * 10_000)
        for _ in range(due - said):
            number = int(draw.integers(21, 109))
            rig.ear.note(number, 64)
            rig.ear.note(number, 0)
        said = due
        waits.append(len(rig.ear.waiting))
        rig.turn()
        rig.clock.sleep_until_ns(rig.clock.now_ns() + 500_000)
    while rig.ear.waiting:
        rig.turn()
    rig.turn()
    counters = rig.keyboard.counters
    assert counters.notes == said
    assert 0 < counters.unmodelled < said
    assert max(waits[len(waits) // 2 :]) <= max(waits[: len(waits) // 2]) * 1.5
    assert counters.p99_ms < 100
    assert not rig.hanging()


def test_a_driver_that_says_too_much_is_cut_short_but_never_leaves_a_key_down() -> None:
    rig = Rig()
    for number in range(10_000):
        rig.keyboard.hear(Note(21 + number % 88, 64))
    for number in range(10_000):
        rig.keyboard.hear(Note(21 + number % 88, 0))
    while rig.turn() is not None:
        pass
    assert not rig.hanging()
    assert rig.keyboard.counters.swallowed == 10_000 - rig.keyboard.counters.notes > 0


@pytest.mark.parametrize("last", [Note(60, 0), Pedal(0)])
def test_what_lifts_and_finds_no_room_leaves_nothing_hanging_of_what_waits(last: Event) -> None:
    rig = Rig()
    rig.keyboard.hear(Note(60, 64))
    rig.keyboard.hear(Pedal(127))
    for _ in range(5000):
        rig.keyboard.hear(Note(61, 0))
    rig.keyboard.hear(last)
    while rig.turn() is not None:
        pass
    assert not rig.hanging()
    assert rig.keyboard.notes().pedal == 0
    assert rig.keyboard.counters.swallowed == 1


def test_keys_come_up_when_the_system_has_lost_what_their_sender_said() -> None:
    rig = Rig()
    rig.ear.note(60, 64)
    rig.ear.note(62, 64)
    rig.turn()
    rig.ear.lost = 7
    rig.ear.note(62, 0)
    rig.turn()
    rig.run(GRACE // 2)
    rig.ear.note(64, 64)
    rig.turn()
    assert rig.hanging() == {(60, 1), (64, 1)}
    rig.run(GRACE)
    assert rig.hanging() == {(64, 1)}  # it went down after that
    assert rig.keyboard.counters.rescued == 1
    rig.run(10 * GRACE)
    assert rig.hanging() == {(64, 1)}


def test_a_pedal_comes_up_likewise() -> None:
    rig = Rig()
    rig.ear.pedal(127, 3)
    rig.ear.pedal(90, 4)
    rig.ear.pedal(0, 4)
    rig.turn()
    rig.ear.lost = 1
    rig.ear.note(62, 0)
    rig.turn()
    assert rig.keyboard.notes().pedal == 127
    rig.run(2 * GRACE)
    assert rig.heard[-1] == "('pedal', 0, 3)"
    assert rig.keyboard.notes().pedal == 0
    assert rig.keyboard.counters.rescued == 1


def test_keys_that_are_held_long_are_left_alone() -> None:
    rig = Rig()
    rig.ear.note(60, 64)
    rig.run(3600 * 1000 * MS)
    assert rig.hanging() == {(60, 1)}


def test_a_receiver_that_missed_that_a_key_came_up_is_told_again() -> None:
    rig = Rig(receivers=2)
    rig.ear.note(60, 64)
    rig.ear.note(62, 64)
    rig.ear.pedal(127)
    rig.turn()
    rig.receivers[1].takes = 0
    rig.ear.note(60, 0)
    rig.ear.pedal(0)
    rig.turn()
    rig.run(1000 * MS)
    assert rig.hanging(1) == {(60, 1), (62, 1)}
    assert rig.receivers[1].calls <= 2 + 3 + 11
    rig.receivers[1].takes = None
    rig.run(150 * MS)
    assert rig.hanging(1) == {(62, 1)}
    assert rig.receivers[1].got[-1][1] == "('pedal', 0, 1)"
    assert rig.turn() is None
    missed = rig.keyboard.counters.missed
    assert 2 <= missed <= 2 + 11
    rig.keyboard.drop(rig.keyboard._strings.targets[1])
    rig.turn()
    assert rig.keyboard.counters.missed == missed
