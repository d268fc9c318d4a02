"""Keys that are pressed, and what leaves for them, in virtual time."""

from pathlib import Path

import msgspec
import numpy as np
import path_models
import pianos
import pytest
from runtime.notes_rig import MS, Rig, model_of, pianist, score, touch_of

from engine.inference.vet import load
from engine.open_pianist import open_pianist
from engine.schema.frame import F32
from engine.schema.note import Note, Pedal


def test_at_the_start_and_at_the_end_every_key_of_every_receiver_comes_up() -> None:
    rig = Rig(receivers=2)
    rig.ear.note(60, 64)
    rig.turn()
    rig.keyboard.leave()
    for receiver in rig.receivers:
        texts = [text for _, text in receiver.got]
        assert {str((number, 0, 1)) for number in range(21, 109)} <= set(texts)
        assert "('pedal', 0, 1)" in texts
        assert texts.index("(60, 60, 1)") < texts.index("(60, 0, 1)")
    assert not rig.hanging()


def test_at_the_start_every_channel_of_the_score_is_quiet() -> None:
    rig = Rig(score=score((1000, Note(60, 64, 3)), (2000, Note(60, 0, 3)), (3000, Pedal(0, 16)), length=4000))
    rig.keyboard.enter()
    lifted = [event for event in rig.events() if event[1] == 0]
    assert sorted(lifted) == sorted((number, 0, channel) for number in range(21, 109) for channel in (1, 3, 16))


def test_a_note_leaves_in_the_turn_in_which_it_is_heard_for_every_receiver() -> None:
    rig = Rig(receivers=2)
    rig.ear.note(60, 64, 3)
    assert rig.turn() is None
    rig.ear.note(60, 0, 3)
    rig.turn()
    assert rig.events(0) == rig.events(1) == [(60, 60, 3), (60, 0, 3)]
    assert rig.keyboard.counters.notes == 1
    assert touch_of(rig.pianist).told == [("press", rig.begun, 60), ("release", rig.begun, 60)]


def test_a_witness_is_told_all_that_leaves_and_when_also_at_the_end() -> None:
    rig = Rig(score=score((0, Note(50, 64)), (5, Pedal(127)), (10, Note(50, 0)), length=20))
    rig.run(20 * MS)
    rig.ear.note(60, 64)
    rig.turn()
    rig.keyboard.leave()
    begun, end = rig.begun, rig.clock.now_ns()
    assert rig.witnessed == [
        (begun, Note(50, 50)),
        (begun + 5 * MS, Pedal(127)),
        (begun + 10 * MS, Note(50, 0)),
        (end, Note(60, 60)),
        (end, Note(60, 0)),
        (end, Pedal(0)),
    ]


def test_a_chord_leaves_together() -> None:
    rig = Rig()
    rig.ear.say(*[("/engine/in/note", (number, 64)) for number in (60, 64, 67)])
    rig.turn()
    assert rig.events() == [(60, 60, 1), (64, 64, 1), (67, 67, 1)]
    assert rig.receivers[0].calls == 2  # one of them lifted all keys


def test_the_pedal_passes_and_the_frames_are_shown_what_is_down() -> None:
    rig = Rig()
    rig.ear.note(21, 64, 1)
    rig.ear.note(108, 64, 2)
    rig.ear.pedal(100)
    rig.turn()
    notes = rig.keyboard.notes()
    assert (notes.velocities[0], notes.velocities[87], notes.pedal) == (21, 108, 100)
    assert sum(map(bool, notes.velocities)) == 2
    rig.ear.note(108, 0, 2)
    rig.ear.pedal(0)
    rig.turn()
    assert (rig.keyboard.notes().velocities[87], rig.keyboard.notes().pedal) == (0, 0)
    assert "('pedal', 100, 1)" in rig.heard


def test_a_key_that_is_struck_again_comes_up_first_and_one_that_is_up_comes_up_no_more() -> None:
    rig = Rig()
    for velocity in (64, 64, 0, 0):
        rig.ear.note(60, velocity)
    rig.turn()
    assert rig.events() == [(60, 60, 1), (60, 0, 1), (60, 60, 1), (60, 0, 1)]


@pytest.mark.parametrize("number", [0, 20, 109, 127])
def test_a_key_that_no_piano_has_is_left_out_and_counted(number: int) -> None:
    rig = Rig()
    rig.ear.note(number, 64)
    rig.ear.note(number, 0)
    rig.turn()
    assert rig.heard == []
    assert rig.keyboard.counters.outside == 1


def test_what_is_not_about_keys_goes_to_the_frames_and_what_is_broken_is_counted() -> None:
    rig = Rig()
    rig.ear.say(("/engine/ctl/run", (1,)), ("/engine/in/note", (60, 64)), ("/engine/in/note", ("x", 64)))
    rig.turn()
    (letter,) = rig.rest.drain()
    assert [message.address for message in letter.messages] == ["/engine/ctl/run"]
    assert rig.events() == [(60, 60, 1)]
    assert rig.keyboard.counters.broken == 1


def test_what_a_driver_hears_is_played_and_wakes_the_thread() -> None:
    rig = Rig()
    at = rig.clock.now_ns()
    rig.keyboard.hear(Note(70, 5, 9))
    assert rig.woken == 1
    rig.clock.sleep_until_ns(at + 2 * MS)
    rig.turn()
    assert rig.events() == [(70, 70, 9)]
    assert touch_of(rig.pianist).told == [("press", at, 70)]
    assert rig.keyboard.counters.p50_ms == pytest.approx(2.0, rel=0.02)


def test_controls_count_from_the_next_note() -> None:
    rig = Rig()
    rig.steer(own=1.0)
    rig.ear.note(60, 11)
    rig.turn()
    rig.steer(own=0.0, loudest=50.0)
    rig.ear.note(70, 11)
    rig.turn()
    assert rig.events() == [(60, 11, 1), (70, 50, 1)]


def test_a_silent_show_swallows_and_counts_what_is_struck_and_everything_is_up() -> None:
    rig = Rig()
    rig.ear.note(60, 64)
    rig.ear.pedal(127)
    rig.turn()
    rig.steer(run=0)
    rig.turn()
    assert rig.heard[-2:] == ["(60, 0, 1)", "('pedal', 0, 1)"]
    said = len(rig.heard)
    rig.ear.note(62, 64)
    rig.ear.pedal(127)
    rig.ear.note(60, 0)
    rig.turn()
    assert len(rig.heard) == said
    assert rig.keyboard.counters.swallowed == 1
    rig.steer(run=1)
    rig.ear.note(64, 64)
    rig.turn()
    assert rig.hanging() == {(64, 1)}


def test_hush_lifts_everything_and_goes_on() -> None:
    rig = Rig()
    rig.ear.note(60, 64)
    rig.turn()
    rig.keyboard.hush()
    rig.turn()
    assert not rig.hanging()
    rig.ear.note(62, 64)
    rig.turn()
    assert rig.hanging() == {(62, 1)}


def test_hush_lifts_what_was_heard_before_it_and_is_not_played_yet() -> None:
    rig = Rig()
    rig.keyboard.hear(Note(60, 64))
    rig.keyboard.hear(Pedal(127))
    rig.keyboard.hush()
    rig.keyboard.hear(Note(62, 64))
    rig.turn()
    assert rig.hanging() == {(62, 1)}
    assert rig.heard[-1] == "(62, 62, 1)"
    assert rig.keyboard.notes().pedal == 0


def test_another_pianist_plays_after_everything_came_up_and_the_first_is_handed_out_once() -> None:
    rig = Rig()
    rig.steer(loudest=61.0)
    rig.ear.note(60, 64)
    rig.turn()
    other = pianist()
    rig.keyboard.change(other)
    rig.turn()
    assert not rig.hanging()
    assert rig.keyboard.retired() == [rig.pianist]
    assert rig.keyboard.retired() == []
    rig.ear.note(90, 64)
    rig.turn()
    assert rig.events()[-1] == (90, 61, 1)
    assert model_of(other).steps > model_of(pianist()).steps
    rig.keyboard.close()
    assert model_of(other).closed == 1


def test_a_pianist_who_never_came_to_play_is_closed_too() -> None:
    rig = Rig()
    other = pianist()
    rig.keyboard.change(other)
    rig.keyboard.leave()
    rig.keyboard.close()
    assert model_of(other).closed == model_of(rig.pianist).closed == 1


def test_broken_numbers_of_a_model_are_counted_over_all_models_and_nothing_hangs() -> None:
    rig = Rig()
    model_of(rig.pianist).broken_from = 0
    rig.ear.note(60, 64)
    rig.ear.note(60, 0)
    rig.turn()
    rig.keyboard.change(pianist())
    rig.turn()
    assert rig.keyboard.counters.unsound == 1
    assert not rig.hanging()


def test_a_new_beginning_repeats_what_was_and_a_new_seed_does_not() -> None:
    rig = Rig(flat=False)

    def played() -> list[tuple[int, ...]]:
        before = len(rig.events())
        for number in range(40, 80):
            rig.ear.note(number, 64)
            rig.ear.note(number, 0)
            rig.turn()
        return rig.events()[before:]

    rig.keyboard.begin(5)
    first = played()
    rig.keyboard.begin()
    assert played() == first
    rig.keyboard.reseed(6)
    assert played() != first
    rig.keyboard.begin(5)
    assert played() == first


def test_a_receiver_that_comes_late_is_told_that_all_is_up_and_one_that_goes_is_left_nothing() -> None:
    rig = Rig(receivers=2)
    target = rig.keyboard._strings.targets[1]
    rig.keyboard.drop(target)
    rig.ear.note(60, 64)
    rig.turn()
    assert rig.events(1) == []
    rig.keyboard.add(target)
    rig.turn()
    assert len(rig.events(1)) == 88
    rig.ear.note(62, 64)
    rig.turn()
    rig.keyboard.drop(target)
    rig.turn()
    assert not rig.hanging(1)


def test_human_timing_delays_each_key_within_its_bound_and_never_turns_it_round() -> None:
    rig = Rig()
    rig.steer(humanise=100.0)
    pressed = {}
    for number in range(21, 109):
        pressed[number] = rig.clock.now_ns()
        rig.ear.note(number, 64)
        rig.turn()
        rig.ear.note(number, 0)
        rig.run(10 * MS)
    rig.run(200 * MS)
    moments: dict[int, list[tuple[int, int]]] = {}
    for at, text in rig.receivers[0].got:
        number, velocity, _ = eval(text)  # noqa: S307
        moments.setdefault(number, []).append((at, velocity))
    delays = []
    for number, ((on, struck), (off, lifted)) in moments.items():
        assert (struck, lifted) == (number, 0)
        delays.append(on - pressed[number])
        assert off - on <= 10 * MS  # by as much later as it went down, to within a turn
    assert len(delays) == 88
    assert min(delays) >= 0
    assert max(delays) <= 100 * MS
    assert 35 * MS < np.mean(delays) < 65 * MS


@pytest.mark.parametrize("gap", [1, 20])
def test_no_order_of_presses_and_delays_leaves_a_key_hanging(gap: int) -> None:
    rig, draw = Rig(), np.random.default_rng(3)
    for _ in range(2000):
        rig.steer(humanise=float(draw.choice([0, 1, 50, 200])))
        rig.ear.note(int(draw.integers(60, 64)), int(draw.integers(0, 2)) * 64, int(draw.integers(1, 3)))
        rig.run(int(draw.integers(0, gap * MS)))
    for number in range(60, 64):
        for channel in (1, 2):
            rig.ear.note(number, 0, channel)
    rig.run(500 * MS)
    assert not rig.hanging()
    assert not any(rig.keyboard.notes().velocities)
    ons = sum(velocity > 0 for _, velocity, _ in rig.events())
    assert ons * 2 == len(rig.events()) == 2 * rig.keyboard.counters.notes


def test_the_latency_is_that_of_the_slowest_step() -> None:
    rig = Rig(took=3 * MS)
    rig.ear.note(60, 64)
    rig.turn()
    assert rig.keyboard.counters.p99_ms == pytest.approx(3.0, rel=0.02)


def test_a_velocity_on_the_wire_is_never_0_nor_over_127() -> None:
    rig = Rig()
    for loudness in (-1000.0, 1000.0):
        rig.keyboard.steer(msgspec.structs.replace(rig.keyboard._controls, loudness=loudness))
        rig.ear.note(60, 64)
        rig.turn()
    assert [event for event in rig.events() if event[1]] == [(60, 1, 1), (60, 127, 1)]


def test_where_the_memory_is_is_handed_over_once_the_notes_have_left(tmp_path: Path) -> None:
    rig, arrays = Rig(), path_models.arrays(pianos.HIDDEN, numbers=(2,))
    assert rig.keyboard.path is None
    mapped = open_pianist(load(pianos.tiny(tmp_path / "mapped.onnx", arrays=arrays)), seed=1, view="plain")
    rig.keyboard.change(mapped)
    rig.turn()

    def handed() -> F32:
        assert rig.keyboard.path is not None
        return rig.keyboard.path

    before = handed()
    rig.turn()
    assert handed() is before
    for number in (60, 64):
        rig.ear.note(number, 64)
    rig.turn()
    assert not np.array_equal(handed(), before)
    expected = path_models.points(arrays, mapped.spec.state, mapped._model.state())[0]
    np.testing.assert_allclose(handed(), expected, atol=1e-5)
    rig.keyboard.change(pianist())
    rig.turn()
    assert rig.keyboard.path is None
