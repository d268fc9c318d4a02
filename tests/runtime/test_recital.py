"""Cues where a piano is played, alone or beside bodies."""

from typing import Any

from runtime.keys import FPS, SEED, Room

from engine.runtime.recital import Recital, Together
from engine.schema.show import PIANO, Cue, Prime


class Evening:
    def __init__(self) -> None:
        self.room, self.loaded = Room(), list[str]()
        self.recital = Recital(
            self.room.board, self.room.seat.begin, load=self.loaded.append, model="grand", seed=SEED, fps=FPS
        )


def test_a_cue_fades_what_it_names() -> None:
    evening = Evening()
    evening.recital.play(Cue(name="soft", controls={"loudness": 40.0, "piano/contrast": 0.5}, transition=1.0))
    halfway = evening.room.frames(FPS // 2)
    assert 40 < halfway.loudness < 80
    assert evening.room.frames(FPS).loudness == 40
    assert evening.room.keyboard.controls.contrast == 0.5
    assert evening.room.keyboard.said == []


def test_a_cue_ends_a_panic() -> None:
    evening = Evening()
    evening.room.board.set("run", 0)
    assert evening.room.frames(FPS).run == 0
    evening.recital.play(Cue(name="on"))
    assert evening.room.frames().run == 1


def test_a_cue_with_a_seed_is_a_beginning() -> None:
    evening = Evening()
    evening.room.board.set("contrast", 3.0)
    evening.room.frames()
    evening.recital.play(Cue(name="solo", seed=7, controls={"loudness": 50.0}))
    assert evening.room.keyboard.said == [("begin", 7)]
    assert (evening.room.keyboard.controls.loudness, evening.room.keyboard.controls.contrast) == (50, 1)
    assert evening.room.board.target("seed", PIANO) == 7
    evening.room.frames(FPS)
    assert evening.room.keyboard.said == [("begin", 7)]


def test_a_reset_is_as_it_was_written() -> None:
    evening = Evening()
    evening.recital.play(Cue(name="solo", seed=7, model="upright", controls={"loudness": 50.0}))
    evening.recital.begin()
    evening.room.frames(FPS)
    assert evening.room.keyboard.said == [("begin", 7), ("begin", SEED)]
    assert evening.room.keyboard.controls.loudness == 80
    assert evening.loaded == ["upright", "grand"]


def test_a_beginning_is_played_by_the_model_that_is_written_unless_it_names_one() -> None:
    evening = Evening()
    evening.recital.play(Cue(name="other", model="upright"))
    evening.recital.play(Cue(name="as it is"))
    evening.recital.play(Cue(name="anew", seed=3))
    assert evening.loaded == ["upright", "grand"]


def test_nothing_is_ever_on_its_way() -> None:
    evening = Evening()
    evening.recital.prime(Prime(clip=0))
    evening.recital.follow()
    evening.recital.drop()
    assert not evening.recital.changing
    assert evening.room.keyboard.said == []


class Ballet:
    """Scenes of bodies that note what they are told."""

    changing = True

    def __init__(self) -> None:
        self.said: list[tuple[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *given: self.said.append((name, given))


def test_a_cue_s_model_goes_to_those_who_can_play_it() -> None:
    ballet, loaded = Ballet(), list[str]()
    both = Together(ballet, load=loaded.append, model="grand", models=["upright"])
    touch, dance = Cue(name="a", model="upright", seed=3), Cue(name="b", model="waltz")
    both.play(touch)
    both.play(dance)
    assert loaded == ["upright"]
    assert ballet.said == [("play", (Cue(name="a", seed=3),)), ("play", (dance,))]


def test_a_beginning_of_both_is_played_by_the_model_that_is_written() -> None:
    loaded = list[str]()
    both = Together(Ballet(), load=loaded.append, model="grand", models=["upright"])
    both.play(Cue(name="a", model="upright"))
    both.play(Cue(name="b", model="waltz"))
    both.play(Cue(name="c", model="waltz", seed=3))
    both.begin()
    assert loaded == ["upright", "grand", "grand"]


def test_the_rest_is_the_bodies() -> None:
    ballet = Ballet()
    both = Together(ballet, load=list[str]().append, model="grand", models=[])
    both.begin()
    both.drop()
    both.follow()
    both.prime(Prime(clip=1), 2)
    assert ballet.said == [("begin", ()), ("drop", ()), ("follow", ()), ("prime", (Prime(clip=1), 2))]
    assert both.changing
