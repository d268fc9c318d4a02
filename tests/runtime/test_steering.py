"""Obeying: letters, commands, cues and knobs in one look a frame."""

from collections import deque
from typing import Any

import numpy as np
import pytest
from runtime.puppets import FPS, Theatre

from engine.controls.letter import Letter, Source
from engine.controls.news import News, Outlet
from engine.controls.tree import Tree
from engine.runtime.requests import Answered, pressed
from engine.runtime.steering import NEWS, Steering
from engine.runtime.ticker import SECOND
from engine.runtime.wishes import Wishes
from engine.schema.controls import PARAMETERS, expanded
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.show import Cue
from engine.wire.decode import Message

CUES = (
    Cue(name="intro", controls={"temperature": 0.5}, transition=0.0),
    Cue(name="storm", seed=3, controls={"top_p": 0.5}),
)
ME = Source("osc", "127.0.0.1", 5000, trusted=True)


class Night:
    """A theatre that is steered by letters; a frame is a 60th of a second."""

    def __init__(self) -> None:
        self.theatre, self.outlet, self.letters = Theatre(*CUES), Outlet(), deque[Letter]()
        self.stopped = 0
        self.now = 5 * SECOND
        self.steering = Steering(
            [self],
            Tree("/engine", expanded(PARAMETERS), cues=[cue.name for cue in CUES]),
            board=self.theatre.board,
            seats=self.theatre.seats,
            playing=self.theatre.playing,
            company=self.theatre.company,
            scenes=self.theatre.scenes,
            cues=CUES,
            commands=self.theatre.commands,
            outlet=self.outlet,
            root="/engine",
            gap=0.5,
            verbs={"stop": pressed(self.stop)},
        )

    def drain(self) -> list[Letter]:
        letters = list(self.letters)
        self.letters.clear()
        return letters

    def stop(self) -> None:
        self.stopped += 1

    def say(self, address: str, *arguments: Any) -> None:
        self.letters.append(Letter((Message(f"/engine/{address}", arguments),), ME))

    def frames(self, count: int = 1) -> Wishes:
        for _ in range(count):
            self.now += SECOND // FPS
            wishes = self.steering.obey(self.now)
        return wishes

    def heard(self) -> list[News]:
        return list(self.outlet.take()[0])


def test_nothing_asked_nothing_wished() -> None:
    night = Night()
    wishes = night.frames(3)
    assert (wishes.hold, wishes.smooth) == (False, 0.0)
    np.testing.assert_array_equal(wishes.shares, np.ones(MAX_PERFORMERS, np.float32))
    assert wishes.shares.dtype == np.float32
    assert night.heard() == []


def test_a_value_is_played_in_the_frame_in_which_it_is_read() -> None:
    night = Night()
    night.say("p2/ctl/temperature", 0.25)
    night.say("ctl/hold", 1)
    night.say("ctl/smooth", 4.0)
    wishes = night.frames()
    assert (wishes.hold, wishes.smooth) == (True, 4.0)
    assert night.theatre.playing.steered[2].temperature == 0.25
    assert [(news.address, news.asker) for news in night.heard()] == [
        ("/engine/p2/ctl/temperature", ME),
        ("/engine/ctl/hold", ME),
        ("/engine/ctl/smooth", ME),
    ]


def test_how_much_is_shown_is_the_share_of_each_times_the_run_of_all() -> None:
    night = Night()
    night.say("p2/ctl/blend", 0.5)
    night.frames(FPS)
    night.say("ctl/run", 0)
    shares = night.frames(FPS // 4).shares
    assert shares[0] == pytest.approx(0.5)
    assert shares[1] == pytest.approx(0.25)
    assert not night.frames(FPS // 4).shares.any()


def test_what_the_act_is_given_is_told_of_those_who_play_too() -> None:
    night = Night()
    night.say("ctl/sigma", 0.25)
    night.frames()
    assert [(news.address, news.arguments, news.asker) for news in night.heard()] == [
        ("/engine/ctl/sigma", (0.25,), ME),
        ("/engine/p1/ctl/sigma", (0.25,), None),
        ("/engine/p2/ctl/sigma", (0.25,), None),
    ]


def test_a_cue_is_told_with_what_it_changes() -> None:
    night = Night()
    night.say("cue/go")
    night.frames()
    assert night.steering.cue == "intro"
    assert [(news.address, news.arguments) for news in night.heard()] == [
        ("/engine/state/cue", ("intro",)),
        ("/engine/ctl/temperature", (0.5,)),
        ("/engine/p1/ctl/temperature", (0.5,)),
        ("/engine/p2/ctl/temperature", (0.5,)),
    ]


def test_the_gap_is_in_the_time_of_the_show() -> None:
    night = Night()
    night.say("cue/go")
    night.frames(29)
    night.say("cue/next", 1.0)
    night.frames()
    assert (night.steering.cue, night.steering.ignored) == ("intro", 1)
    night.frames()
    night.say("cue/next", 0.0)
    night.say("cue/go", "storm")
    night.theatre.offer("dance")
    night.frames(2)
    assert night.steering.cue == "storm"
    assert len(night.theatre.playing.changes) == 1


def test_an_unknown_cue_is_a_bad_request() -> None:
    night = Night()
    night.say("cue/go", "strom")
    night.frames()
    assert night.steering.counters == Answered(bad=1)


def test_panic_leads_to_the_neutral_pose_within_half_a_second_whatever_goes_on() -> None:
    night = Night()
    night.say("cue/go", "storm")
    night.theatre.board.fade("run", 1, 0, 9000, "linear")
    night.theatre.board.fade("temperature", 0, 0, 60, "linear")
    night.frames(30)
    night.say("panic")
    night.frames()
    night.theatre.offer("dance")
    assert not night.frames(FPS // 2 - 1).shares.any()
    assert night.theatre.playing.changes == []
    assert night.theatre.board.target("temperature") == pytest.approx(0.5)
    night.say("ctl/run", 1)
    assert night.frames(FPS // 2).shares.all()


def test_a_reset_begins_anew_and_stands_before_the_first_cue() -> None:
    night = Night()
    night.say("cue/go", 1)
    night.say("panic")
    night.frames(FPS)
    night.theatre.offer("dance")
    night.say("reset")
    night.frames(FPS)
    assert len(night.theatre.playing.changes) == 1
    assert night.theatre.board.value("temperature") == 1.0
    assert night.frames().shares.all()
    assert night.steering.cue == ""
    assert night.heard()[-1].asker is None
    night.say("cue/go")
    night.frames()
    assert night.steering.cue == "intro"


def test_a_ping_is_answered_with_the_time_of_the_show() -> None:
    night = Night()
    night.frames(FPS)
    night.say("ping", 41)
    night.say("ping", 2**40)
    night.frames()
    assert night.heard() == [News("/engine/pong", (41, 999), ME, private=True)]
    assert night.steering.counters == Answered(taken=1, bad=1)


@pytest.mark.parametrize(
    ("arguments", "moment"), [((2,), (2, None)), ((2, 7), (2, 7)), (("3", 1), (3, 1)), ((1.0, -5), (1, 0))]
)
def test_performers_start_from_a_moment(arguments: tuple[Any, ...], moment: Any) -> None:
    night = Night()
    night.say("p2/ctl/prime", *arguments)
    night.frames()
    night.theatre.errands.run(9)
    night.frames(2)
    assert night.theatre.playing.moments == {1: None, 2: moment}


@pytest.mark.parametrize("arguments", [(), ("walk",), (1, 2, 3), (None,), ("9" * 99,)])
def test_a_moment_that_makes_no_sense_is_refused(arguments: tuple[Any, ...]) -> None:
    night = Night()
    night.say("ctl/prime", *arguments)
    night.frames()
    assert night.steering.counters == Answered(bad=1)


def test_performers_are_asked_for() -> None:
    night = Night()
    night.say("ctl/temperature", 0.25)
    night.say("ctl/performers", 3)
    night.frames()
    night.theatre.errands.run(9)
    night.frames()
    assert night.theatre.playing.performers == (1, 2, 3)
    assert night.theatre.playing.entered[3].controls.temperature == 0.25


def test_verbs_of_others_are_called_and_those_that_nobody_has_are_bad() -> None:
    night = Night()
    night.say("stop")
    night.say("hello")
    night.frames()
    assert night.stopped == 1
    assert night.steering.counters == Answered(taken=1, bad=1)


def test_a_great_change_is_told_over_some_frames() -> None:
    night = Night()
    for number in range(3, 40):
        night.theatre.playing.join(number)
    night.frames()
    night.heard()
    for name in ("sigma", "top_p", "pull", "latent/0"):
        night.theatre.board.set(name, 0.25)
    told = []
    for _ in range(3):
        night.frames()
        told.append(len(night.heard()))
    assert told == [NEWS, 4 * 40 - NEWS, 0]
