"""What cues say is done: fades, moments, streams that take over."""

import pytest
from runtime.puppets import FPS, SEED, Theatre

from engine.runtime.scenes import RESET, STARTS
from engine.schema.show import Cue, Entrance, Performer, Place, Prime

QUIET = Cue(
    name="quiet",
    controls={"blend": 0.2, "temperature": 0.5},
    performer=(Performer(number=2, x=1.0, controls={"sigma": 0.25}),),
    transition=1.0,
    curve="linear",
)
ANEW = Cue(name="anew", seed=77, controls={"top_p": 0.5, "performers": 3}, transition=1.0)


def test_a_cue_without_a_seed_fades_what_it_names_and_nothing_else() -> None:
    theatre = Theatre(QUIET)
    theatre.board.set("pull", 0.75)
    theatre.scenes.play(QUIET)
    theatre.frame(FPS // 2)
    board = theatre.board
    assert board.value("blend") == pytest.approx(0.6)
    assert board.place(2) == Place(1.5, 0.0, 0.0)
    theatre.frame(FPS // 2)
    assert [board.value(name, 2) for name in ("blend", "temperature", "sigma", "pull")] == [0.2, 0.5, 0.25, 0.75]
    assert (board.value("sigma", 1), board.place(2).x) == (0.5, 1.0)
    assert theatre.playing.steered[1] == board.controls(1)
    assert theatre.playing.changes == []


def test_it_can_call_more_performers_and_another_seed() -> None:
    cue = Cue(name="crowd", controls={"performers": 4, "seed": 9})
    theatre = Theatre(cue)
    theatre.scenes.play(cue)
    theatre.frame()
    assert theatre.playing.seeds == {1: 9, 2: 9}
    theatre.errands.run(9)
    theatre.frame()
    assert theatre.playing.performers == (1, 2, 3, 4)


def test_it_has_everybody_start_from_a_moment_once_that_is_recalled() -> None:
    cue = Cue(name="again", prime=Prime(clip=2, frame=5))
    theatre = Theatre(cue)
    theatre.scenes.play(cue)
    theatre.frame()
    assert theatre.playing.recalled == 0
    theatre.errands.run(9)
    theatre.frame(2)
    assert theatre.playing.moments == {1: (2, 5), 2: (2, 5)}


def test_one_performer_can_start_and_the_last_moment_asked_for_counts() -> None:
    theatre = Theatre()
    for clip in (1, 2, 3):
        theatre.scenes.prime(Prime(clip=clip), 2)
    theatre.errands.run(9)
    theatre.frame(2)
    assert (theatre.playing.moments, theatre.playing.recalled) == ({1: None, 2: (3, None)}, 1)


def test_a_moment_that_is_not_there_is_counted_and_no_more() -> None:
    theatre = Theatre()
    theatre.scenes.prime(Prime(clip=9), 1)
    theatre.errands.run(9)
    theatre.frame()
    theatre.scenes.prime(Prime(clip=1), 1)
    theatre.errands.run(9)
    theatre.frame(2)
    assert theatre.errands.refused == 1
    assert theatre.playing.moments[1] == (1, None)


def test_a_cue_with_a_seed_begins_anew_as_the_show_and_the_cue_say() -> None:
    theatre = Theatre(ANEW)
    theatre.board.set("temperature", 0.1)
    theatre.board.set("x", 9.0, 1)
    theatre.board.set("hold", 1)
    act = theatre.offer("dance")
    theatre.scenes.play(ANEW)
    theatre.frame()
    ((stream, seconds, curve),) = theatre.playing.changes
    assert (stream.act, seconds, curve) == (act, 1.0, "smooth")
    assert sorted(act.entered) == [1, 2, 3]
    assert {entrance.seed for entrance in act.entered.values()} == {77}
    assert [act.entered[number].place.x for number in (1, 2, 3)] == [0.0, 2.0, 0.0]
    controls = act.entered[1].controls
    assert (controls.temperature, controls.top_p, controls.sigma, controls.hold) == (1.0, 0.5, 0.5, 0)
    assert theatre.board.target("seed", 3) == 77
    assert theatre.playing.seeds == {}
    assert act.stood == {}
    theatre.frame(9)
    assert theatre.playing.performers == (1, 2, 3)


def test_the_same_cue_begins_the_same_whatever_went_before() -> None:
    def night(*before: tuple[str, float]) -> tuple[dict[int, Entrance], list[float], float]:
        theatre = Theatre(ANEW)
        for name, value in before:
            theatre.board.set(name, value)
        theatre.frame(7)
        act = theatre.offer("dance")
        theatre.scenes.play(ANEW)
        theatre.frame(FPS + 1)
        return act.entered, theatre.board.targets.ravel().tolist(), theatre.board.value("blend")

    assert night() == night(("blend", 0.0), ("run", 0), ("seed", 3), ("speed", 2.0), ("radius", 50.0))


def test_the_share_of_movement_does_not_jump_with_a_beginning() -> None:
    theatre = Theatre(ANEW)
    theatre.board.set("run", 0, at_once=True)
    theatre.offer("dance")
    theatre.scenes.play(ANEW)
    theatre.frame()
    assert 0 < theatre.board.value("run") < 0.1
    theatre.frame(FPS)
    assert theatre.board.value("run") == 1


def test_a_beginning_gives_a_performer_its_own_seed_and_a_moment_recalled_before() -> None:
    cue = Cue(name="solo", seed=7, prime=Prime(clip=1), performer=(Performer(number=2, seed=8),))
    theatre = Theatre(cue)
    theatre.offer("dance")
    theatre.scenes.prepare()
    assert len(theatre.understudies.back) == 1
    act = theatre.offer("dance")
    theatre.scenes.play(cue)
    theatre.frame()
    assert [act.entered[number].seed for number in (1, 2)] == [7, 8]
    assert act.moments == {1: (1, None), 2: (1, None)}
    assert act.recalled == 0
    assert len(theatre.playing.changes) == 1


def test_a_moment_that_was_not_recalled_before_is_waited_for() -> None:
    cue = Cue(name="solo", seed=7, prime=Prime(clip=1))
    theatre = Theatre(cue)
    act = theatre.offer("dance")
    theatre.scenes.play(cue)
    theatre.frame(5)
    assert theatre.playing.changes == []
    theatre.errands.run(9)
    theatre.frame()
    assert theatre.scenes.changing
    theatre.frame()
    assert len(theatre.playing.changes) == 1
    assert act.moments[1] == (1, None)


def test_a_go_is_kept_until_its_stream_is_ready() -> None:
    theatre = Theatre(ANEW)
    theatre.scenes.play(ANEW)
    theatre.frame(5)
    assert theatre.playing.changes == []
    assert theatre.board.target("top_p") == 1.0
    theatre.offer("dance")
    theatre.frame()
    assert len(theatre.playing.changes) == 1


def test_another_model_goes_on_where_the_bodies_are() -> None:
    cue = Cue(name="other", model="other", controls={"sigma": 0.25}, transition=3.0, curve="in")
    theatre = Theatre(cue)
    theatre.board.set("temperature", 0.5)
    theatre.board.set("seed", 9, 1)
    theatre.frame()
    theatre.offer("dance")
    act = theatre.offer("other")
    theatre.scenes.play(cue)
    theatre.frame()
    ((_, seconds, curve),) = theatre.playing.changes
    assert (seconds, curve) == (3.0, "in")
    assert [act.entered[number].seed for number in (1, 2)] == [9, 5]
    assert act.entered[1].controls.temperature == 0.5
    assert act.moved[2] == Place(2.0, 0.0, 0.0)
    assert {number: root[0] for number, root in act.stood.items()} == {1: 1.0, 2: 2.0}
    theatre.frame(3 * FPS)
    assert theatre.board.value("sigma") == 0.25
    assert theatre.board.value("temperature") == 0.5


def test_a_stream_from_elsewhere_takes_over_with_those_who_play_where_they_are() -> None:
    theatre = Theatre(QUIET)
    theatre.frame()
    act = theatre.offer("loaded")
    stream = theatre.understudies.take("loaded")
    assert stream is not None
    act.join(2, seed=1)
    act.join(5, seed=1)
    theatre.scenes.take_over(stream, 4.0)
    theatre.frame()
    assert theatre.playing.changes == [(stream, 4.0, "smooth")]
    assert act.performers == (1, 2)
    assert act.entered[1].controls == theatre.board.controls(1)
    assert theatre.playing.steered[2] == theatre.board.controls(2)
    assert {number: root[0] for number, root in act.stood.items()} == {1: 1.0, 2: 2.0}


def test_a_crowd_comes_on_over_some_frames_before_it_takes_over() -> None:
    cue = Cue(name="crowd", seed=1, controls={"performers": 20})
    theatre = Theatre(cue)
    act = theatre.offer("dance")
    theatre.scenes.play(cue)
    seen = []
    for _ in range(3):
        theatre.frame()
        seen.append((len(act.performers), len(theatre.playing.changes)))
    assert seen == [(STARTS, 0), (2 * STARTS, 0), (20, 1)]


def test_who_comes_or_goes_meanwhile_is_in_it_or_not() -> None:
    cue = Cue(name="other", model="other")
    theatre = Theatre(cue)
    for number in range(3, 13):
        theatre.playing.join(number)
    act = theatre.offer("other")
    theatre.scenes.play(cue)
    theatre.frame()
    theatre.playing.leave(1)
    theatre.frame(2)
    assert act.performers == tuple(range(2, 13))
    assert len(theatre.playing.changes) == 1


def test_a_stream_without_room_is_given_some_by_an_errand() -> None:
    cue = Cue(name="crowd", seed=1, controls={"performers": 4})
    theatre = Theatre(cue)
    act = theatre.offer("dance", room=2)
    theatre.scenes.play(cue)
    theatre.frame(3)
    assert theatre.playing.changes == []
    theatre.errands.run(9)
    theatre.frame(2)
    assert act.performers == (1, 2, 3, 4)
    assert len(theatre.playing.changes) == 1


def test_a_change_that_cannot_be_is_counted_and_its_stream_given_back() -> None:
    cue = Cue(name="lost", seed=1, prime=Prime(clip=99))
    theatre = Theatre(cue)
    theatre.offer("dance")
    theatre.scenes.play(cue)
    theatre.frame()
    theatre.errands.run(9)
    theatre.frame(3)
    assert (theatre.scenes.failed, len(theatre.understudies.back), theatre.playing.changes) == (1, 1, [])


@pytest.mark.parametrize("prepared", [False, True])
def test_what_is_dropped_on_its_way_gives_its_stream_back_once(prepared: bool) -> None:  # noqa: FBT001
    cue = Cue(name="solo", seed=7, prime=Prime(clip=1))
    theatre = Theatre(cue)
    theatre.offer("dance")
    theatre.scenes.play(cue)
    theatre.frame()
    if prepared:
        theatre.errands.run(9)
    theatre.scenes.drop()
    theatre.errands.run(9)
    theatre.frame(3)
    assert (len(theatre.understudies.back), theatre.playing.changes) == (1, [])


def test_a_later_go_takes_the_place_of_one_that_waits() -> None:
    other = Cue(name="other", model="other")
    theatre = Theatre(ANEW, other)
    theatre.scenes.play(other)
    theatre.scenes.play(ANEW)
    theatre.offer("other")
    act = theatre.offer("dance")
    theatre.frame(3)
    assert [stream.act for stream, *_ in theatre.playing.changes] == [act]


def test_a_reset_is_the_beginning_of_the_show() -> None:
    theatre = Theatre(ANEW)
    theatre.board.set("sigma", 1.5)
    theatre.board.set("run", 0)
    theatre.board.set("hold", 1)
    theatre.company.ask(8)
    theatre.errands.run(9)
    theatre.frame(9)
    act = theatre.offer("dance")
    theatre.scenes.begin()
    theatre.frame(2)
    ((_, seconds, _curve),) = theatre.playing.changes
    assert seconds == RESET == 0.5
    assert [act.entered[number].seed for number in (1, 2)] == [SEED, 5]
    assert theatre.playing.performers == (1, 2)
    assert [theatre.board.target(name) for name in ("sigma", "run", "hold", "performers")] == [0.5, 1, 0, 2]


def test_a_go_after_a_panic_or_a_hold_gets_the_show_going_again() -> None:
    theatre = Theatre(QUIET)
    theatre.board.set("run", 0, at_once=True)
    theatre.board.set("hold", 1)
    theatre.frame()
    theatre.scenes.play(QUIET)
    theatre.frame(FPS)
    assert [theatre.board.value(name) for name in ("run", "hold")] == [1, 0]


def test_a_cue_that_names_them_stops_the_show() -> None:
    cue = Cue(name="end", controls={"run": 0, "hold": 1}, transition=0.0)
    theatre = Theatre(cue)
    theatre.scenes.play(cue)
    theatre.frame()
    assert [theatre.board.value(name) for name in ("run", "hold")] == [0, 1]


def test_a_model_that_is_loaded_in_a_panic_waits_as_the_show_does() -> None:
    theatre = Theatre()
    theatre.board.set("run", 0, at_once=True)
    theatre.offer("loaded")
    stream = theatre.understudies.take("loaded")
    assert stream is not None
    assert theatre.scenes.take_over(stream, 1.0)
    theatre.frame(FPS)
    assert (len(theatre.playing.changes), theatre.board.target("run")) == (1, 0)


def test_a_cue_on_its_way_is_not_lost_to_a_model_that_was_asked_for_before() -> None:
    theatre = Theatre(ANEW)
    theatre.scenes.play(ANEW)
    theatre.frame()
    theatre.offer("loaded")
    stream = theatre.understudies.take("loaded")
    assert stream is not None
    assert not theatre.scenes.take_over(stream, 1.0)
    assert theatre.understudies.back == [stream]
    act = theatre.offer("dance")
    theatre.frame()
    assert [stream.act for stream, *_ in theatre.playing.changes] == [act]


def test_of_two_loaded_models_the_later_one_takes_over() -> None:
    theatre = Theatre()
    acts = [theatre.offer("one"), theatre.offer("two")]
    for name in ("one", "two"):
        stream = theatre.understudies.take(name)
        assert stream is not None
        assert theatre.scenes.take_over(stream, 1.0)
    theatre.frame(2)
    assert [stream.act for stream, *_ in theatre.playing.changes] == acts[1:]
    assert [stream.act for stream in theatre.understudies.back] == acts[:1]


def test_a_moment_of_the_model_that_played_is_not_for_the_one_that_took_over() -> None:
    theatre = Theatre(ANEW)
    theatre.scenes.prime(Prime(clip=3))
    theatre.errands.run(9)
    theatre.offer("dance")
    theatre.scenes.play(ANEW)
    theatre.frame(3)
    assert len(theatre.playing.changes) == 1
    assert 3 not in [moment and moment[0] for moment in theatre.playing.moments.values()]
    theatre.scenes.prime(Prime(clip=2), 1)
    theatre.errands.run(9)
    theatre.frame(2)
    assert theatre.playing.moments[1] == (2, None)


def test_more_who_come_on_while_room_is_made_are_given_room_too() -> None:
    cue = Cue(name="other", model="other")
    theatre = Theatre(cue)
    act = theatre.offer("other", room=1)
    theatre.scenes.play(cue)
    theatre.frame()
    theatre.playing.join(5)
    for _ in range(3):
        theatre.errands.run(9)
        theatre.frame(2)
    assert act.performers == (1, 2, 5)
    assert (len(theatre.playing.changes), theatre.scenes.failed) == (1, 0)


@pytest.mark.parametrize("seed", [None, 7])
def test_a_cue_whose_model_cannot_be_had_does_the_rest_that_it_says(seed: int | None) -> None:
    cue = Cue(name="lost", model="lost", seed=seed, controls={"sigma": 0.25}, transition=0.0)
    theatre = Theatre(cue)
    theatre.understudies.lost.add("lost")
    theatre.scenes.play(cue)
    theatre.frame(2)
    assert (theatre.scenes.failed, theatre.scenes.changing, theatre.playing.changes) == (1, False, [])
    assert theatre.board.value("sigma") == (0.25 if seed is None else 0.5)


def test_a_moment_of_a_cue_that_is_not_there_is_looked_for_once() -> None:
    theatre = Theatre(Cue(name="lost", seed=1, prime=Prime(clip=99)))
    theatre.offer("dance")
    theatre.errands.add(theatre.scenes.prepare)
    theatre.errands.run(9)
    assert (theatre.errands.refused, len(theatre.understudies.back)) == (1, 1)
    theatre.offer("dance")
    theatre.scenes.prepare()
    assert len(theatre.understudies.back) == 1
