"""The loop of a show: at each deadline send what is ready, and compute the next frame before its own."""

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Protocol

from engine.contracts import Counters, Status
from engine.runtime.broadcast import Broadcast
from engine.runtime.clock import Clock
from engine.runtime.commands import Command, Commands
from engine.runtime.finish import Finish, Solves
from engine.runtime.journal import Journal
from engine.runtime.lead import Lead
from engine.runtime.realtime import NONE
from engine.runtime.recorder import UNRECORDED, Records
from engine.runtime.requests import Answered
from engine.runtime.summary import Refused, Summary
from engine.runtime.tally import Tally
from engine.runtime.ticker import SECOND, Ticker, wait
from engine.runtime.wishes import Wishes
from engine.schema.frame import Frame, Notes
from engine.schema.kinds import Latency
from engine.schema.skeleton import Skeleton

PARTING_NS = SECOND // 50
"""Between the last frame and the last word: a sender leaves out what comes while the link still holds a datagram."""

WAITING = 256
"""Errands done in one look; more than wait at a time."""


class Steers(Protocol):
    """What is asked of the show, done before each frame."""

    @property
    def cue(self) -> str:
        """Name of the cue that was called last; empty before the first."""
        ...

    @property
    def counters(self) -> Answered:
        """What became of the requests."""
        ...

    @property
    def ignored(self) -> int:
        """GOs that came too soon, or where there was no further cue."""
        ...

    @property
    def changing(self) -> bool:
        """Whether another stream may take over with the next frame."""
        ...

    def obey(self, now_ns: int) -> Wishes:
        """Do what was asked for since the last frame; give what it wants of the next one."""
        ...


class Shows(Protocol):
    """What computes the frames of the wire."""

    @property
    def model(self) -> str:
        """Name of what plays."""
        ...

    @property
    def provider(self) -> str:
        """What that runs on."""
        ...

    @property
    def changes(self) -> int:
        """Streams that took over."""
        ...

    @property
    def skeleton(self) -> Skeleton | None:
        """Of bodies that are to be finished; None: frames are sent as they are."""
        ...

    @property
    def performers(self) -> tuple[int, ...]:
        """Numbers of those who play, rising."""
        ...

    @property
    def counters(self) -> Counters:
        """What happened up to now."""
        ...

    @property
    def settled(self) -> bool:
        """Whether the last frame shows those who play, and nothing is faded."""
        ...

    @property
    def fading(self) -> bool:
        """Whether one stream gives way to another."""
        ...

    def frame(self, sequence: int, milliseconds: int, *, hold: bool, smooth: float = 0.0) -> Frame:
        """The next frame; its arrays may be overwritten by the next call."""
        ...


class Paints(Protocol):
    """What makes the pictures."""

    def frame(self, frame: Frame, *, hold: bool) -> Frame:
        """The frame with its picture; held, that is the last one again."""
        ...

    def show(self) -> None:
        """Show the picture of the last frame; never waits, and raises nothing."""
        ...


class Adds(Protocol):
    """What has more to tell with each frame."""

    def frame(self, frame: Frame, *, hold: bool) -> Frame:
        """The frame with signals and labels behind those that it has; held, time stands still.

        Its arrays may be overwritten by the next call.
        """
        ...


def none() -> int:
    """Nobody, or nothing."""
    return 0


class Stage:
    """What plays, its receivers and its time.

    The sequence numbers on the wire are those of the deadlines, so a skipped one leaves a gap. Nothing here grows with
    the length of the show. One thread plays; `call` may be called from any other one while it does.

    Args:
        playing: computes the frames of the wire.
        broadcast: sends them.
        steering: obeys.
        fps: frames per second on the wire.
        clock: the time.
        commands: done by the steering in the frame thread.
        errands: done in a thread that may take its time.
        resources: what is closed with the stage: the senders, the models, the listener.
        journal: is told of each frame; None where nobody reads it.
        latency: `steady` computes a frame right after the last one was sent, `latch` as late as it dares.
        seconds: length of the show; None plays until it is ended.
        solver: finds rotations, where a receiver wants some.
        keys: where the keys of a piano are now; None where nobody plays one.
        pictures: are made with each frame; None where there are none.
        also: what else is told with each frame, in this order.
        chores: errands that are done at every look.
        clients: how many receivers have subscribed.
        refused: how many models were refused.
        records: keeps what is sent.

    Attributes:
        sequence: number of the frame that is due next.
        began: when the first one was due, ns; None before.
    """

    def __init__(
        self,
        playing: Shows,
        broadcast: Broadcast,
        *,
        steering: Steers,
        fps: float,
        clock: Clock,
        commands: Commands,
        errands: Commands,
        resources: ExitStack,
        journal: Journal | None = None,
        latency: Latency = "steady",
        seconds: float | None = None,
        solver: Solves | None = None,
        keys: Callable[[], Notes] | None = None,
        pictures: Paints | None = None,
        also: Sequence[Adds] = (),
        chores: Sequence[Command] = (),
        clients: Callable[[], int] = none,
        refused: Callable[[], int] = none,
        records: Records = UNRECORDED,
    ) -> None:
        self._playing, self._broadcast, self._steering, self._clock = playing, broadcast, steering, clock
        self._commands, self._errands, self._chores = commands, errands, tuple(chores)
        self._clients, self._refused, self._resources, self._keys = clients, refused, resources, keys
        self._pictures, self._also = pictures, tuple(also)
        self._journal, self._records = Journal() if journal is None else journal, records
        self._finish = Finish(playing.skeleton, solver)
        self._ticker = Ticker(fps)
        self._lead = Lead(fps) if latency == "latch" else None
        self._tally = Tally(fps, NONE)
        self._end = None if seconds is None else self._ticker.frames(seconds)
        self.sequence = 0
        self.began: int | None = None

    def grant(self, rights: str) -> None:
        """Note for the summary what the frame thread was granted."""
        self._tally.rights = rights

    def prime(self) -> None:
        """Compute and hold the first frame, whatever it takes: the clock has not begun."""
        self._compute()

    def play(self, stop: threading.Event) -> None:
        """Run until the end, or until `stop` is set; `prime` comes first."""
        self._ticker.start = self.began = self._clock.now_ns()
        self._tally.begin(self._ticker.start)
        self._records.begin(self._ticker.start)
        while self._goes_on() and self._wait(0, stop):
            self._send()
            if self._goes_on():
                if self._lead is not None and not self._wait(self._ahead(self._lead), stop):
                    break
                self._compute()
        self._part()

    def call(self, command: Command) -> bool:
        """Have something done in the frame thread before its next frame; False where too much waits already.

        It must neither wait nor take long. A `ValueError` or an `EngineError` of it is counted.
        """
        return self._commands.add(command)

    def run_errands(self) -> None:
        """Do what the frame thread has no time for; in a thread that may take its time."""
        for chore in self._chores:
            self._errands.add(chore)
        self._errands.run(WAITING)

    def close(self) -> None:
        """Close the sockets and what else is open; harmless twice."""
        self._resources.close()

    def summary(self) -> Summary:
        """The show up to now."""
        playing = self._playing
        return self._tally.summary(
            act=playing.counters,
            sends=self._broadcast.counters,
            requests=self._steering.counters,
            refused=Refused(self._commands.refused + self._errands.refused, self._refused(), self._steering.ignored),
            changes=playing.changes,
            provider=playing.provider,
            lead=None if self._lead is None else self._lead.ns * 1e-6,
            recorded=self._records.counters,
        )

    def _goes_on(self) -> bool:
        return self._end is None or self.sequence < self._end

    def _ahead(self, lead: Lead) -> int:
        """How many ns before it is due the next frame is begun; two streams take twice as long as the one known."""
        return lead.twice if self._steering.changing or self._playing.fading else lead.ns

    def _wait(self, ahead: int, stop: threading.Event) -> bool:
        """Wait until so many ns before the next frame is due; False if the show is to end."""
        return wait(self._clock, self._ticker.deadline(self.sequence) - ahead, stop)

    def _send(self) -> None:
        """Send the frame that is due, and turn to the next one that can still be met."""
        now = self._clock.now_ns()
        self._broadcast.fire()
        if self._pictures is not None:
            self._pictures.show()
        self._records.sent()
        self._tally.left(now, now - self._ticker.deadline(self.sequence))
        following = self._ticker.following(self.sequence, now)
        self._tally.skipped(following - self.sequence - 1)
        self.sequence = following

    def _compute(self) -> None:
        """Compute the next frame and hold it."""
        began, sequence = self._clock.now_ns(), self.sequence
        at = self._ticker.deadline(sequence) - self._ticker.start
        self._records.turn(sequence, at)
        wishes = self._steering.obey(began)
        hold = wishes.hold or self._waits(wishes)
        tick = self._journal.frame(sequence, hold=hold, smooth=wishes.smooth, shares=wishes.shares)
        milliseconds = self._ticker.milliseconds(sequence)
        frame = self._playing.frame(sequence, milliseconds, hold=hold, smooth=wishes.smooth)
        frame = self._finish.apply(frame, wishes.shares)
        frame = frame if self._keys is None else frame._replace(notes=self._keys())
        frame = frame if self._pictures is None else self._pictures.frame(frame, hold=wishes.hold)
        for each in self._also:
            frame = each.frame(frame, hold=wishes.hold)
        self._broadcast.load(frame)
        self._records.hold(frame, tick)
        took = self._clock.now_ns() - began
        self._tally.computed(took)
        if self._lead is not None and not hold:  # one that is held is cheap, and says nothing about the next
            self._lead.add(took)
        self._broadcast.add_news(at, frame.performers, lambda: self._status("playing"))

    def _waits(self, wishes: Wishes) -> bool:
        """Whether nothing of the movement is shown: then it need not go on."""
        numbers = self._playing.performers
        return bool(numbers) and self._playing.settled and not any(wishes.shares[number - 1] for number in numbers)

    def _status(self, word: str) -> Status:
        playing, steering = self._playing, self._steering
        status = self._tally.status(
            word,
            model=playing.model,
            clients=self._clients(),
            cue=steering.cue,
            provider=playing.provider,
            recording=self._records.told,
        )
        self._records.report(status)
        return status

    def _part(self) -> None:
        """Tell the receivers that it is over, once the link has had time for the last frame."""
        self._clock.sleep_until_ns(self._clock.now_ns() + PARTING_NS)
        self._broadcast.part(self._status("stopped"))
