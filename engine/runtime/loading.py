"""Another model in mid-show: opened, looked at and tried beside the one that plays, which goes on if it is no good."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Protocol

import numpy as np

from engine.controls.letter import Source
from engine.controls.news import News, Outlet
from engine.runtime.asking import Asked, Asking
from engine.runtime.commands import Commands
from engine.runtime.failure import line
from engine.runtime.playing import Playing
from engine.runtime.stream import Stream, compare
from engine.schema.errors import ModelError
from engine.schema.frame import Frame, Quality
from engine.schema.show import Entrance

SHADOW = 100
"""Frames that a model plays unseen before it may be seen."""


class Relieves(Protocol):
    """Has a stream take over."""

    def take_over(self, stream: Stream, seconds: float) -> bool:
        """Let everybody play in this stream as they do now, from where they stand; False: something else comes."""
        ...


class Loading(Asking):
    """Loads models for everybody who plays in the stream.

    Args:
        make: makes the stream of a model, with nobody in it; takes its time.
        playing: what plays.
        scenes: have a stream take over.
        standing: how a performer plays at this moment.
        crossfade: seconds that taking over takes.
        commands: done in the frame thread.
        errands: done in a thread that may take its time.
        outlet: is told what plays in the end.
        address: where that is told.
        say: takes one line for a person.

    Attributes:
        refused: models that are not fit to play.
    """

    def __init__(
        self,
        make: Callable[[str], Stream],
        *,
        playing: Playing,
        scenes: Relieves,
        standing: Callable[[int], Entrance],
        crossfade: Callable[[], float],
        commands: Commands,
        errands: Commands,
        outlet: Outlet,
        address: str,
        say: Callable[[str], object],
    ) -> None:
        self._make, self._playing, self._scenes, self._standing = make, playing, scenes, standing
        self._crossfade, self._commands = crossfade, commands
        self._outlet, self._address, self._say = outlet, address, say
        super().__init__(self._load, errands)
        self.refused = 0

    def ask(self, model: str, source: Source | None = None) -> None:
        """As for anybody; who plays now plays in it as well."""
        entrances = {number: self._standing(number) for number in self._playing.performers}
        self._want(Asked(model, source, entrances))

    def _load(self, asked: Asked) -> None:
        try:
            stream = self._proven(asked)
        except Exception as error:  # noqa: BLE001 (whatever is in a file from anywhere, the show goes on)
            self.refused += 1
            self._say(f"{asked.model} is refused: {line(error)}; {self._playing.model} keeps playing")
            self._commands.add(partial(self._answer, asked.source))
            return
        if not self._commands.add(partial(self._enter, stream, asked)):
            stream.close()

    def _proven(self, asked: Asked) -> Stream:
        """A stream in which everybody plays; nothing stays open where it is refused.

        Raises:
            EngineError: it cannot be played, or not instead of what plays.
            ValueError: it has no room.
        """
        with ExitStack() as opened:
            stream = self._make(asked.model)
            opened.callback(stream.close)
            compare(stream.act.skeleton, self._playing.skeleton)
            entrances = asked.entrances or {1: Entrance()}
            stream.act.reserve(max(entrances))
            for number, entrance in entrances.items():
                stream.act.join(number, **entrance._asdict(), moment=None)
            for _ in range(SHADOW):
                _check(stream.act.tick())
            opened.pop_all()
        return stream

    def _enter(self, stream: Stream, asked: Asked) -> None:
        taken = self._scenes.take_over(stream, self._crossfade())
        self._answer(asked.source, stream.model if taken else "")

    def _answer(self, source: Source | None, model: str = "") -> None:
        self._outlet.post(News(self._address, (model or self._playing.stream.model,), source))


def _check(frame: Frame) -> None:
    """Refuse a frame that must not be seen.

    Raises:
        ModelError: it is not finite, or the guard had to stand in.
    """
    if not (np.isfinite(frame.pose.positions).all() and np.isfinite(frame.pose.root).all()):
        raise ModelError(f"frame {frame.sequence}", "a number that is not finite", "finite positions")
    if any(quality & Quality.GUARDED for quality in frame.quality):
        raise ModelError(f"frame {frame.sequence}", "no sound body", f"{SHADOW} sound frames, unseen")
