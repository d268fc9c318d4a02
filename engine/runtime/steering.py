"""The steering of a show: before each frame, what was asked for is read, and those who play are told."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Protocol

import numpy as np

from engine.controls.board import ACT, Board
from engine.controls.letter import Source
from engine.controls.news import News, Outlet
from engine.controls.tree import Tree, named
from engine.runtime.commands import Commands
from engine.runtime.cues import Cues
from engine.runtime.own_seat import Seating
from engine.runtime.requests import Answered, Call, Mailbox, Requests, Verb, Witness, nobody, number, pressed
from engine.runtime.wishes import Wishes
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.show import OWNERS, Cue, Prime
from engine.wire.decode import Value

COMMANDS = 8
"""Commands done in one frame; the dearest of them, an entrance, takes 0.2 ms."""

NEWS = 128
"""Values in one frame that are told though nobody asked for them by their own address; the rest follows."""

LAST_CLIP = 9999
"""Numbers of clips and of their frames that are read; those that a model has not are brought into its range."""

MASK = 2**31 - 1


class Gathers(Protocol):
    """Who brings performers on and off."""

    def ask(self, performers: float) -> None:
        """Have so many play."""
        ...

    def gather(self) -> None:
        """Come nearer to that; before each frame."""
        ...


class Plays(Protocol):
    """What is needed of what plays."""

    @property
    def performers(self) -> tuple[int, ...]:
        """Numbers of those who play, rising."""
        ...


class Directs(Protocol):
    """Does what cues say."""

    def play(self, cue: Cue) -> None:
        """Play a cue."""
        ...

    def begin(self) -> None:
        """Begin anew."""
        ...

    def prime(self, prime: Prime, performer: int = 0) -> None:
        """Have one performer, or all, start from a moment."""
        ...

    def drop(self) -> None:
        """Forget what is on its way."""
        ...

    def follow(self) -> None:
        """Come nearer to what was called; before each frame."""
        ...

    @property
    def changing(self) -> bool:
        """Whether another stream may take over with the next frame."""
        ...


class Steering:
    """Obeys; in the frame thread.

    Args:
        sources: of letters.
        tree: every address.
        board: the knobs.
        seats: tells those who play.
        playing: who plays.
        company: brings performers on and off.
        scenes: does what cues say.
        cues: of the show.
        commands: done before a frame.
        outlet: is told what is set.
        root: begins every address.
        gap: seconds after a GO in which another one is ignored.
        verbs: what else is done, by the names of the tree: `hello`, `subscribe`, `stop`, `load`.
        witness: is told what was done for whom.
    """

    def __init__(
        self,
        sources: Sequence[Mailbox],
        tree: Tree,
        *,
        board: Board,
        seats: Seating,
        playing: Plays,
        company: Gathers,
        scenes: Directs,
        cues: Sequence[Cue],
        commands: Commands,
        outlet: Outlet,
        root: str,
        gap: float,
        verbs: Mapping[str, Verb],
        witness: Witness = nobody,
    ) -> None:
        self._tree, self._board, self._seats, self._playing = tree, board, seats, playing
        self._company, self._scenes, self._commands, self._outlet, self._root = company, scenes, commands, outlet, root
        self._cues = Cues(cues, self._call, gap=gap)
        own = {**self._own(), **verbs}
        self._requests = Requests(
            sources,
            tree,
            board=board,
            outlet=outlet,
            verbs=own,
            also={"performers": company.ask},
            witness=witness,
        )
        self._blend, self._run = board.values("blend"), board.values("run")
        self._now = 0
        self._start: int | None = None
        self._wishes = self._wish()

    @property
    def cue(self) -> str:
        """Name of the cue that was called last; empty before the first."""
        return self._cues.last

    @property
    def counters(self) -> Answered:
        """What became of the requests."""
        return self._requests.counters

    @property
    def ignored(self) -> int:
        """GOs that came too soon, or where there was no further cue."""
        return self._cues.ignored

    @property
    def changing(self) -> bool:
        """Whether another stream may take over with the next frame."""
        return self._scenes.changing

    def obey(self, now_ns: int) -> Wishes:
        """Do what was asked for since the last frame; give what it wants of the next one.

        What was called before comes first: then what is set now is set on top of it, and `changing` tells of every
        stream that takes over a frame ahead.
        """
        self._now = self._cues.now = now_ns
        if self._start is None:
            self._start = now_ns
        self._scenes.follow()
        self._requests.serve()
        self._commands.run(COMMANDS)
        self._company.gather()
        rows = self._board.step()
        if rows:
            self._seats.apply(rows)
            self._wishes = self._wish()
        for name, performer in self._board.untold((ACT, *self._playing.performers, *OWNERS), NEWS):
            self._tell(name, performer)
        return self._wishes

    def _own(self) -> Mapping[str, Verb]:
        """The verbs that are done here."""
        primes = {f"p{each}/prime": partial(self._read_prime, each) for each in range(1, MAX_PERFORMERS + 1)}
        return {
            "ping": self._read_ping,
            "go": self._cues.read,
            "next": pressed(self._cues.next),
            "back": pressed(self._cues.back),
            "panic": pressed(self._panic),
            "reset": pressed(self._reset),
            "prime": partial(self._read_prime, 0),
            **primes,
        }

    def _wish(self) -> Wishes:
        shares = (self._blend[1 : MAX_PERFORMERS + 1] * self._run[0]).astype(np.float32)
        return Wishes(self._board.value("hold") > 0, self._board.value("smooth"), shares)

    def _call(self, cue: Cue) -> None:
        self._scenes.play(cue)
        self._say_cue()

    def _panic(self) -> None:
        """Let the bodies go to their neutral pose, whatever else was on its way."""
        self._scenes.drop()
        self._board.land()
        self._board.set("run", 0)

    def _reset(self) -> None:
        self._scenes.begin()
        self._cues.rewind()
        self._say_cue()

    def _say_cue(self) -> None:
        self._outlet.post(News(f"{self._root}/state/cue", (self._cues.last,)))

    def _tell(self, name: str, performer: int) -> None:
        node = self._tree.parameter(named(name, performer))
        if node is not None:
            self._outlet.post(News(node.path, node.arguments(self._board.target(name, performer))))

    def _read_ping(self, arguments: Sequence[Value], source: Source) -> Call:
        count = round(number(arguments)) if arguments else 0
        if not -MASK <= count <= MASK:
            raise ValueError(f"{count}; expected a number of 31 bits")
        return partial(self._pong, count, source)

    def _pong(self, count: int, source: Source) -> None:
        begun = self._now if self._start is None else self._start
        milliseconds = (self._now - begun) // 1_000_000 & MASK
        self._outlet.post(News(f"{self._root}/pong", (count, milliseconds), source, private=True))

    def _read_prime(self, performer: int, arguments: Sequence[Value], _source: Source) -> Call:
        if len(arguments) not in (1, 2):
            raise ValueError(f"{tuple(arguments)}; expected the number of a clip, and of a frame")
        clip, *frames = (_counted(argument) for argument in arguments)
        return partial(self._scenes.prime, Prime(clip=clip, frame=frames[0] if frames else None), performer)


def _counted(given: Value) -> int:
    """A number from 0 on; digits will do.

    Raises:
        ValueError: it is none.
    """
    if isinstance(given, str) and given.isdecimal() and len(given) <= len(str(LAST_CLIP)):
        return int(given)
    return min(max(round(number((given,))), 0), LAST_CLIP)
