"""What a cue says, done: knobs that fade, performers that start from a moment, another stream that takes over."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Generic, NamedTuple

from engine.controls.board import ACT, F64, Board
from engine.priming import Moment
from engine.runtime.commands import Commands, Latest
from engine.runtime.cue_knobs import begin, draft, fade
from engine.runtime.roles import Calls, Fresh, Plays, S, Stands
from engine.runtime.seats import Seats
from engine.schema.errors import EngineError
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.show import Cue, Entrance, Prime

STARTS = 8
"""Performers that start from a moment, or come on in a stream that waits, in one frame; one takes up to 0.4 ms."""

RESET = 0.5
"""Seconds that a reset takes."""


def nobody(_seed: int) -> None:
    """Nobody else begins anew."""


class _Beginning(NamedTuple):
    """All that a cue with a seed, or a reset, fixes: the same every night."""

    targets: F64
    seeds: tuple[int, ...]
    entrances: Mapping[int, Entrance]


class _Change(Generic[S]):
    """A stream that is to take over, on its way; without the name of a model it is none of a cue."""

    def __init__(self, cue: Cue, model: str, beginning: _Beginning | None) -> None:
        self.cue, self.model, self.beginning = cue, model, beginning
        self.stream: S | None = None
        self.moment: Moment | None = None
        self.preparing = False
        self.room = 0


class Scenes(Generic[S]):
    """Does what cues say, in the frame thread; what takes its time is an errand, and the scene waits for it.

    Args:
        cues: all that may be played.
        board: the knobs.
        seats: of those who play.
        playing: what plays.
        understudies: streams that are ready.
        company: brings performers on and off.
        commands: done in the frame thread.
        errands: done in a thread that may take its time.
        model: of the show file.
        fps: frames per second of the wire.
        began: is told the show's seed when everybody begins anew.

    Attributes:
        failed: changes that could not be made, as their stream had no room or no such moment.
    """

    def __init__(
        self,
        cues: Sequence[Cue],
        *,
        board: Board,
        seats: Seats,
        playing: Plays[S],
        understudies: Stands[S],
        company: Calls,
        commands: Commands,
        errands: Commands,
        model: str,
        fps: float,
        began: Callable[[int], object] = nobody,
    ) -> None:
        self._began = began
        self._board, self._seats, self._playing, self._understudies = board, seats, playing, understudies
        self._company, self._commands, self._errands, self._model, self._fps = company, commands, errands, model, fps
        self._reset = Cue(name="reset", transition=RESET)
        seeded = [cue for cue in cues if cue.seed is not None]
        self._beginnings = {cue.name: self._beginning(cue) for cue in seeded}
        self._anew = self._beginning(self._reset)
        self._moments: dict[tuple[str, Prime], Moment] = {}
        self._primed = [(cue.model or model, cue.prime) for cue in seeded if cue.prime is not None]
        self._primes = {row: Latest(partial(self._recall, row), errands) for row in range(MAX_PERFORMERS + 1)}
        self._starts: dict[int, Moment] = {}
        self._change: _Change[S] | None = None
        self._made = 0
        self.failed = 0

    @property
    def changing(self) -> bool:
        """Whether another stream may take over with the next frame."""
        return self._change is not None and not self._change.preparing

    def prepare(self) -> None:
        """Recall the moments that cues with a seed start from; an errand, before the first of them."""
        for model, prime in tuple(self._primed):
            if (stream := self._understudies.take(model)) is None:
                continue
            self._primed.remove((model, prime))
            try:
                self._moments[model, prime] = stream.act.recall(prime.clip, prime.frame)
            finally:
                self._understudies.give_back(stream)

    def play(self, cue: Cue) -> None:
        """Do what a cue says, or as soon as all is there that it needs."""
        self.drop()
        if cue.seed is not None:
            self._change = _Change(cue, cue.model or self._model, self._beginnings[cue.name])
        elif cue.model is not None:
            self._change = _Change(cue, cue.model, None)
        else:
            self._fade(cue)
            if cue.prime is not None:
                self.prime(cue.prime)

    def take_over(self, stream: S, seconds: float) -> bool:
        """Let everybody play in this stream as they do now, from where they stand; without room it is given back.

        Returns:
            False where a cue is on its way: it was called later, and its own stream comes.
        """
        if self._change is not None and self._change.model:
            self._understudies.give_back(stream)
            return False
        self.drop()
        self._change = _Change(Cue(name="load", transition=seconds), "", None)
        self._change.stream = stream
        return True

    def begin(self) -> None:
        """Begin anew, as the show was written."""
        self.drop()
        self._change = _Change(self._reset, self._model, self._anew)

    def prime(self, prime: Prime, performer: int = ACT) -> None:
        """Have one performer, or all, start from a moment once it is recalled."""
        self._primes[performer].ask((prime, self._made))

    def drop(self) -> None:
        """Forget the change that is on its way."""
        if self._change is not None and self._change.stream is not None and not self._change.preparing:
            self._understudies.give_back(self._change.stream)
        self._change = None

    def follow(self) -> None:
        """Come nearer to what was called; before each frame."""
        for number in list(self._starts)[:STARTS]:
            moment = self._starts.pop(number)
            if number in self._playing.performers:
                self._playing.start(number, moment)
        change = self._change
        if change is None or change.preparing:
            return
        if change.stream is None:
            change.stream = self._understudies.take(change.model)
        if change.stream is None and self._understudies.lacks(change.model):
            self._fail(change)
        if change.stream is not None and self._ready(change, change.stream) and self._filled(change, change.stream):
            self._change = None
            self._make(change, change.stream)

    def _fade(self, cue: Cue) -> None:
        if "performers" in fade(self._board, cue, self._fps):
            self._company.ask(self._board.target("performers"))

    def _ready(self, change: _Change[S], stream: S) -> bool:
        """Whether the moment to start from is at hand; else it is sent for."""
        if change.cue.prime is None or change.moment is not None:
            return True
        change.moment = self._moments.get((change.model, change.cue.prime))
        if change.moment is None:
            self._send(change, stream)
        return change.moment is not None

    def _filled(self, change: _Change[S], stream: S) -> bool:
        """Whether everybody is in the stream who is to be; else some more are now."""
        act, beginning = stream.act, change.beginning
        wanted = self._playing.performers if beginning is None else tuple(beginning.entrances)
        for other in set(act.performers).difference(wanted):
            act.leave(other)
        missing = [number for number in wanted if number not in act.performers]
        try:
            for number in missing[:STARTS]:
                entrance = self._seats.standing(number) if beginning is None else beginning.entrances[number]
                act.join(number, **entrance._asdict(), moment=change.moment)
        except ValueError:  # there is no room yet
            self._send(change, stream)
            return False
        return len(missing) <= STARTS

    def _make(self, change: _Change[S], stream: S) -> None:
        cue, beginning = change.cue, change.beginning
        if beginning is None:
            self._stand(stream.act)
            if change.model:
                self._fade(cue)
        else:
            begin(self._board, beginning.targets, cue, self._fps)
            self._seats.begin(beginning.seeds)
            self._began(beginning.seeds[ACT])
            self._company.stay()
        self._starts.clear()
        self._made += 1
        self._playing.change(stream, cue.transition, cue.curve)
        self._seats.apply(range(MAX_PERFORMERS + 1))

    def _stand(self, act: Fresh) -> None:
        """Have the bodies of a stream go on from where those are that are seen."""
        roots = self._playing.roots
        for number in act.performers:
            act.move(number, self._board.place(number))
            if number in roots:
                act.stand(number, roots[number])

    def _send(self, change: _Change[S], stream: S) -> None:
        """Have what a change lacks made by an errand; what it lacks then for as many it will never have."""
        numbers = self._playing.performers if change.beginning is None else change.beginning.entrances
        made, change.room = change.room, max(numbers, default=1)
        change.preparing = change.room > made and self._errands.add(partial(self._prepare, change, stream))
        if not change.preparing:
            self._fail(change)

    def _prepare(self, change: _Change[S], stream: S) -> None:
        prime = change.cue.prime
        try:
            stream.act.reserve(change.room)
            moment = None if prime is None else stream.act.recall(prime.clip, prime.frame)
        except (ValueError, EngineError):
            self._commands.add(partial(self._fail, change))
        else:
            self._commands.add(partial(self._prepared, change, moment))

    def _prepared(self, change: _Change[S], moment: Moment | None) -> None:
        change.preparing, change.moment = False, moment
        if change is not self._change and change.stream is not None:
            self._understudies.give_back(change.stream)

    def _fail(self, change: _Change[S]) -> None:
        """Leave the stream that plays; what else a cue says is done, but there is no beginning of another stream."""
        self.failed += 1
        change.preparing = False
        if change.stream is not None:
            self._understudies.give_back(change.stream)
        if change is self._change:
            self._change = None
            if change.beginning is None and change.model:
                self._fade(change.cue)

    def _recall(self, performer: int, wish: tuple[Prime, int]) -> None:
        prime, made = wish
        self._commands.add(partial(self._start, performer, self._playing.recall(prime.clip, prime.frame), made))

    def _start(self, performer: int, moment: Moment, made: int) -> None:
        if made != self._made:  # another model may play by now, which could not go on from there
            return
        numbers = self._playing.performers if performer == ACT else (performer,)
        self._starts |= dict.fromkeys(numbers, moment)

    def _beginning(self, cue: Cue) -> _Beginning:
        begun = draft(self._board, cue)
        own = {performer.number: performer.seed for performer in cue.performer if performer.seed is not None}
        seeds = tuple(
            own.get(number, written if cue.seed is None else cue.seed)
            for number, written in enumerate(self._seats.written)
        )
        for number, seed in enumerate(seeds):
            begun.set("seed", seed, number, at_once=True)
        playing = range(1, round(begun.target("performers")) + 1)
        entrances = {n: Entrance(seeds[n], begun.place(n), begun.controls(n)) for n in playing}
        return _Beginning(begun.targets, seeds, entrances)
