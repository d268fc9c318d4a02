"""Streams that are ready when they are called."""

from collections import deque

import msgspec
from runtime.rig import BODY, START, Puppet, streamed

from engine.runtime.clock import VirtualClock
from engine.runtime.stream import Stream
from engine.runtime.understudies import SPARE, Understudies
from engine.schema.errors import ModelError


class Wings:
    """Understudies of models that are made by their names; `broken.onnx` cannot be."""

    def __init__(self, *models: str) -> None:
        self.made: list[Puppet] = []
        self.lines: list[str] = []
        self.out: deque[Stream] = deque()
        self.kinds: dict[str, type[Puppet]] = {}
        self.rows = 1
        self.playing = "dance.onnx"
        self.understudies = Understudies(
            self.make,
            models,
            out=self.out,
            playing=lambda: self.playing,
            room=lambda: self.rows,
            say=self.lines.append,
        )

    def make(self, model: str) -> Stream:
        if model == "broken.onnx":
            raise ModelError("broken.onnx", "no model", "a model")
        if model == "alien.onnx":
            raise RuntimeError("node LSTM_0:\n  shapes differ")
        kind = self.kinds.get(model, Puppet)
        self.made.append(kind(VirtualClock(START), performers=(), model=model.removesuffix(".onnx")))
        return streamed(self.made[-1])

    def take(self, model: str = "dance.onnx") -> Stream:
        taken = self.understudies.take(model)
        assert taken is not None
        return taken


def test_one_waits_for_each_model_once_it_is_made() -> None:
    wings = Wings("dance.onnx", "other.onnx")
    assert wings.understudies.take("dance.onnx") is None
    wings.understudies.prepare()
    wings.understudies.prepare()
    assert [act.model for act in wings.made] == ["dance", "other"]
    assert wings.take().model == "dance.onnx"
    assert wings.understudies.take("dance.onnx") is None
    assert wings.understudies.take("unknown.onnx") is None
    wings.understudies.prepare()
    assert [act.model for act in wings.made] == ["dance", "other", "dance"]


def test_what_comes_back_begins_anew_and_saves_making_another() -> None:
    wings = Wings("dance.onnx")
    wings.understudies.prepare()
    for _ in range(50):
        stream = wings.take()
        stream.act.restart()
        wings.out.append(stream)
        wings.understudies.prepare()
        assert wings.made[0].performers == ()
    assert len(wings.made) == 1
    assert wings.made[0].restarts == 100


def test_cue_after_cue_makes_no_more_than_can_play_and_wait() -> None:
    wings = Wings("dance.onnx")
    wings.understudies.prepare()
    playing = wings.make("dance.onnx")
    for _ in range(50):
        following = wings.take()
        wings.understudies.prepare()  # the cue still fades
        wings.out.append(playing)
        wings.understudies.prepare()
        playing = following
    assert len(wings.made) == 1 + SPARE
    assert not any(act.closed for act in wings.made)


def test_of_a_model_that_gave_way_to_another_one_waits() -> None:
    wings = Wings("dance.onnx")
    wings.understudies.prepare()
    wings.playing = "other.onnx"
    wings.out.append(wings.make("dance.onnx"))
    wings.understudies.prepare()
    assert [act.closed for act in wings.made] == [0, 1]


def test_what_nobody_will_call_for_is_closed() -> None:
    wings = Wings("dance.onnx")
    other = wings.make("other.onnx")
    wings.understudies.give_back(other)
    for _ in range(SPARE + 1):
        wings.out.append(wings.make("dance.onnx"))
    wings.understudies.prepare()
    assert [act.closed for act in wings.made] == [1, *[0] * SPARE, 1]


def test_room_is_made_for_those_who_play() -> None:
    wings = Wings("dance.onnx")
    wings.understudies.prepare()
    wings.rows = 4
    wings.understudies.prepare()
    wings.understudies.prepare()
    assert [rows for rows, _ in wings.made[0].reserved] == [1, 4]
    wings.rows = 9
    wings.understudies.prepare()
    assert wings.lines == ["dance.onnx: no room for 9 performers: room for eight"]
    assert wings.take() is not None


def test_a_model_that_cannot_be_made_is_told_once() -> None:
    wings = Wings("broken.onnx", "dance.onnx")
    wings.understudies.prepare()
    wings.understudies.prepare()
    assert wings.lines == ["no understudy for broken.onnx: broken.onnx: no model; expected a model"]
    assert wings.understudies.take("broken.onnx") is None
    assert wings.take() is not None


def test_closing_closes_all_that_wait_or_came_back() -> None:
    wings = Wings("dance.onnx")
    wings.understudies.prepare()
    wings.out.append(wings.make("dance.onnx"))
    wings.understudies.close()
    assert [act.closed for act in wings.made] == [1, 1]


def test_other_bodies_than_those_of_the_first_model_are_refused() -> None:
    class Tall(Puppet):
        skeleton = msgspec.structs.replace(BODY, offsets=((0, 1, 0), (0, 0.7, 0)))

    wings = Wings("dance.onnx", "tall.onnx")
    wings.kinds["tall.onnx"] = Tall
    wings.understudies.prepare()
    wings.understudies.prepare()
    (line,) = wings.lines
    assert line.startswith("no understudy for tall.onnx: figurant.spec: skeleton: other bones")
    assert [act.closed for act in wings.made] == [0, 1]
    assert wings.understudies.lacks("tall.onnx")
    assert not wings.understudies.lacks("dance.onnx")


def test_a_model_that_breaks_a_library_is_told_and_no_more() -> None:
    wings = Wings("alien.onnx", "dance.onnx")
    wings.understudies.prepare()
    assert wings.lines == ["no understudy for alien.onnx: RuntimeError: node LSTM_0: shapes differ"]
    assert wings.take() is not None
