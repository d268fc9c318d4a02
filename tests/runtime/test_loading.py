"""Another model in mid-show, good or bad."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from runtime.rig import BODY, START, Puppet, Rig, rig, streamed

from engine.controls.letter import Source
from engine.controls.news import News, Outlet
from engine.runtime.clock import VirtualClock
from engine.runtime.commands import Commands
from engine.runtime.loading import SHADOW, Loading
from engine.runtime.stream import Stream
from engine.runtime.understudies import Understudies
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.frame import Frame, Quality
from engine.schema.show import Entrance, Place
from engine.schema.skeleton import Skeleton

ASKER = Source("osc", "127.0.0.1", 5, trusted=True)
HERE = Entrance(3, Place(1.0), Controls(temperature=0.4))


class Wild(Puppet):
    """Loses itself after a while."""

    def tick(self) -> Frame:
        frame = super().tick()
        if len(self.frames) == SHADOW // 2:
            frame.pose.positions[0, 1, 2] = np.nan
        return frame


class Weak(Puppet):
    """The guard had to stand in at the very end."""

    def tick(self) -> Frame:
        frame = super().tick()
        return frame._replace(quality=(Quality.GUARDED,)) if len(self.frames) == SHADOW else frame


class Tall(Puppet):
    skeleton: Skeleton = msgspec.structs.replace(BODY, offsets=((0, 1, 0), (0, 0.7, 0)))


class Headless(Puppet):
    skeleton: Skeleton = msgspec.structs.replace(BODY, names=("hips", "tail"))


class Alien(Puppet):
    """Breaks in a library that knows nothing of this project's errors."""

    def tick(self) -> Frame:
        raise RuntimeError("node LSTM_0:\n  shapes differ")


BAD = {"wild": Wild, "weak": Weak, "tall": Tall, "headless": Headless, "alien": Alien}


class Factory:
    """Makes models by their names and keeps what was made; `none` cannot be."""

    def __init__(self) -> None:
        self.made: list[Puppet] = []

    def __call__(self, model: str) -> Stream:
        if model == "none":
            raise ModelError("none", "no model", "a model")
        self.made.append(BAD.get(model, Puppet)(VirtualClock(START), performers=(), model=model))
        return streamed(self.made[-1])._replace(model=model)


class Shop:
    """A show that plays `stick.onnx`, and loading in it."""

    def __init__(self, performers: tuple[int, ...] = (1,), seconds: float = 1, act: type[Puppet] = Puppet) -> None:
        self.shown: Rig = rig(performers=performers, seconds=seconds, act=act)
        self.free = True
        self.factory, self.outlet, self.lines = Factory(), Outlet(), list[str]()
        self.loading = Loading(
            self.factory,
            playing=self.shown.playing,
            scenes=self,
            standing=lambda _: HERE,
            crossfade=lambda: 0.1,
            commands=self.shown.stage._commands,
            errands=self.shown.errands,
            outlet=self.outlet,
            address="/engine/model/load",
            say=self.lines.append,
        )

    def take_over(self, stream: Stream, seconds: float) -> bool:
        if self.free:
            self.shown.playing.change(stream, seconds)
        return self.free

    def load(self, *models: str) -> None:
        for model in models:
            self.loading.read((model,), ASKER)()
        self.shown.errands.run(64)
        self.shown.stage._commands.run(64)

    def news(self) -> list[News]:
        return list(self.outlet.take()[0])


def test_a_good_model_plays_unseen_first_and_then_takes_over_from_all_who_play() -> None:
    shop = Shop(performers=(1, 3))
    shop.load("better")
    (act,) = shop.factory.made
    assert act.reserved == [(3, threading.current_thread().name)]
    assert act.entered == {1: HERE, 3: HERE}
    assert len(act.frames) == SHADOW
    assert shop.shown.playing.stream.act is act
    assert shop.news() == [News("/engine/model/load", ("better",), ASKER)]
    assert (shop.lines, shop.loading.refused, act.closed) == ([], 0, 0)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("none", "none: no model; expected a model"),
        ("wild", "frame 49: a number that is not finite"),
        ("weak", "frame 99: no sound body"),
        ("tall", "figurant.spec: skeleton: other bones"),
        ("headless", "figurant.spec: skeleton: 2 other joints"),
        ("alien", "RuntimeError: node LSTM_0: shapes differ"),
    ],
)
def test_a_bad_model_is_refused_in_one_line_and_nothing_stays_open(model: str, reason: str) -> None:
    shop = Shop()
    shop.load(model)
    (line,) = shop.lines
    assert line.startswith(f"{model} is refused: {reason}")
    assert line.endswith("; stick keeps playing")
    assert shop.shown.playing.stream.act is shop.shown.act
    assert shop.news() == [News("/engine/model/load", ("stick.onnx",), ASKER)]
    assert [act.closed for act in shop.factory.made] == [1] * len(shop.factory.made)
    assert shop.loading.refused == 1


def test_a_crowd_without_room_is_refused() -> None:
    shop = Shop(performers=(9,))
    shop.load("better")
    assert shop.lines == ["better is refused: ValueError: room for eight; stick keeps playing"]
    assert shop.factory.made[0].closed == 1


def test_where_a_cue_comes_first_it_is_told_what_plays() -> None:
    shop = Shop()
    shop.free = False
    shop.load("better")
    assert shop.news() == [News("/engine/model/load", ("stick.onnx",), ASKER)]


def test_on_an_empty_stage_somebody_tries_it_out() -> None:
    shop = Shop(performers=())
    shop.load("wild")
    assert shop.loading.refused == 1
    shop.load("better")
    assert shop.shown.playing.model == "better"


def test_of_several_the_last_one_counts() -> None:
    shop = Shop()
    shop.load("one", "two", "three")
    assert [act.model for act in shop.factory.made] == ["three"]
    shop.load("four")
    assert shop.shown.playing.model == "four"


@pytest.mark.parametrize("arguments", [(), (1,), ("",), ("a", "b"), ("a\0b",), ("x" * 5000,)])
def test_what_is_no_name_of_a_model_is_refused_at_once(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="a file"):
        Shop().loading.read(arguments, ASKER)


def test_too_many_errands_refuse_it_and_later_it_can_be_asked_again() -> None:
    shop = Shop()
    while shop.shown.errands.add(int):
        pass
    with pytest.raises(ValueError, match="too many"):
        shop.loading.ask("worse", ASKER)
    shop.shown.errands.run(64)
    assert shop.factory.made == []
    shop.load("better")
    assert shop.shown.playing.model == "better"


def test_a_model_that_finds_no_ear_is_closed() -> None:
    shop = Shop()
    shop.loading._commands = Commands(0)
    shop.load("better")
    assert shop.factory.made[0].closed == 1


class Looking(threading.Event):
    """Has something done each time the show looks whether it is over."""

    def __init__(self, done: Callable[[], object]) -> None:
        super().__init__()
        self._done = done

    def is_set(self) -> bool:
        self._done()
        return False


def test_fifty_times_a_good_one_a_bad_one_and_a_good_one() -> None:
    shop = Shop(performers=(1, 2), seconds=40)
    stage, playing, out = shop.shown.stage, shop.shown.playing, shop.shown.playing.out
    wings = Understudies(shop.factory, (), out=out, playing=lambda: "dance.onnx", room=lambda: 1, say=shop.lines.append)
    orders = deque(order for number in range(50) for order in ("better", [*BAD, "none"][number % len([*BAD, "none"])]))
    frames: list[Frame] = []
    spread = playing.frame

    def kept(*arguments: Any, **options: Any) -> Frame:
        frames.append(spread(*arguments, **options))
        return frames[-1]

    def look() -> None:
        if orders and stage.sequence % 10 == 0:
            shop.loading.ask(orders.popleft(), ASKER)
        stage.run_errands()
        wings.prepare()

    playing.frame = kept  # type: ignore[method-assign]
    stage.prime()
    stage.play(Looking(look))
    summary = stage.summary()
    assert not orders
    assert (summary.skipped, summary.late, summary.frames) == (0, 0, 1200)
    assert (summary.changes, shop.loading.refused) == (50, 50)
    assert all(np.isfinite(frame.pose.positions).all() and frame.performers == (1, 2) for frame in frames)
    assert [act.closed for act in shop.factory.made if act is not playing.stream.act] == [1] * 91
    assert shop.shown.act.closed == 1
