"""The loop of a show: at each deadline send what is ready, then compute the next frame and hold it."""

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Protocol

from engine.act import Counters
from engine.runtime.cadence import Cadence
from engine.runtime.clock import Clock
from engine.runtime.commands import Command, Commands
from engine.runtime.company import Company, Players
from engine.runtime.realtime import NONE
from engine.runtime.requests import Answered, Listener, Requests
from engine.runtime.summary import Summary
from engine.runtime.tally import Tally
from engine.runtime.target import Target
from engine.runtime.ticker import SECOND, Ticker, wait
from engine.schema.frame import F32, Body, Frame
from engine.schema.show import Entrance
from engine.wire.decode import Value

ANNOUNCE_NS = 2 * SECOND
"""Between two announcements: a receiver that comes late waits no longer for the joints' names."""

REPORT_NS = SECOND
"""Between two reports of the state."""

PARTING_NS = SECOND // 50
"""Between the last frame and the last word: a sender leaves out what comes while the link still holds a datagram."""

WAITING = 256
"""Commands, and errands, that wait at most: more than all performers at once."""

COMMANDS = 8
"""Commands done in one frame; the dearest of them, an entrance, takes 0.2 ms."""


class Player(Players, Protocol):
    """What a stage needs of an act."""

    @property
    def counters(self) -> Counters:
        """What happened up to now."""
        ...

    def tick(self) -> Frame:
        """Compute the next frame of the model."""
        ...


class Solves(Protocol):
    """What finds the rotations of bodies."""

    def solve(self, positions: F32, performers: Sequence[int]) -> tuple[F32 | None, Body]:
        """Rotations (P, J, 4) and solved bodies for positions (P, J, 3), metres, of these performers."""
        ...


def in_the_middle(_number: int) -> Entrance:
    """The same entrance for everybody."""
    return Entrance()


class Stage:
    """One act, its receivers and its time.

    The sequence numbers on the wire are those of the deadlines, so a skipped one leaves a gap. Nothing here grows with
    the length of the show. One thread plays; `call`, `add`, `remove` and `announce` may be called from any
    other one while it does.

    Args:
        act: computes the frames of the model.
        targets: receive those of the wire.
        cadence: makes the ones of the others.
        fps: frames per second on the wire.
        clock: the time.
        model: name of the model, for the state.
        provider: what the model runs on, for the summary.
        seconds: length of the show; None plays until it is ended.
        resources: what is closed with the stage: the senders, the model, the listener.
        solver: finds rotations, where a receiver wants some.
        listener: hears requests.
        root: begins the address of every request.
        entrance: how a performer comes on who is added by its number alone.
    """

    def __init__(
        self,
        act: Player,
        targets: Sequence[Target],
        *,
        cadence: Cadence,
        fps: float,
        clock: Clock,
        model: str = "",
        provider: str = "",
        seconds: float | None = None,
        resources: ExitStack,
        solver: Solves | None = None,
        listener: Listener | None = None,
        root: str = "/engine",
        entrance: Callable[[int], Entrance] = in_the_middle,
    ) -> None:
        self._act, self._targets, self._cadence, self._clock = act, tuple(targets), cadence, clock
        self._solver, self._resources = solver, resources
        self._ticker = Ticker(fps)
        self._tally = Tally(fps, model, provider, NONE)
        self._end = None if seconds is None else self._ticker.frames(seconds)
        self._announcements = [0] * len(self._targets)
        self._announced: tuple[int, ...] = ()
        self._asked = False
        self._report = REPORT_NS // 2
        self._commands, self._errands = Commands(WAITING), Commands(WAITING)
        self._company = Company(act, entrance, commands=self._commands, errands=self._errands)
        actions = {f"{root}/hello": self._hello, f"{root}/ctl/performers": self._company.ask}
        self._requests = None if listener is None else Requests(listener, actions)
        self.sequence = 0

    def grant(self, rights: str) -> None:
        """Note for the summary what the frame thread was granted."""
        self._tally.rights = rights

    def prime(self) -> None:
        """Compute and hold the first frame, whatever it takes: the clock has not begun."""
        self._compute(0)

    def play(self, stop: threading.Event) -> None:
        """Run until the end, or until `stop` is set; `prime` comes first."""
        self._ticker.start = self._clock.now_ns()
        self._tally.begin(self._ticker.start)
        while self._end is None or self.sequence < self._end:
            deadline = self._ticker.deadline(self.sequence)
            if not wait(self._clock, deadline, stop):
                break
            self._tick(deadline)
        self._part()

    def call(self, command: Command) -> bool:
        """Have something done in the frame thread before its next frame; False where too much waits already.

        It must neither wait nor take long. A `ValueError` or an `EngineError` of it is counted.
        """
        return self._commands.add(command)

    def add(self, number: int, entrance: Entrance | None = None) -> bool:
        """Let a performer come on; what it needs is made here and takes its time (`Company.add`)."""
        return self._company.add(number, entrance)

    def remove(self, number: int) -> bool:
        """Let a performer go (`Company.remove`)."""
        return self._company.remove(number)

    def announce(self) -> None:
        """Have the next frame tell all receivers what they need to know."""
        self._asked = True

    def run_errands(self) -> None:
        """Do what the wire asked for and the frame thread has no time for; in a thread that may take its time."""
        self._errands.run(WAITING)

    def close(self) -> None:
        """Close the sockets and what else is open; harmless twice."""
        self._resources.close()

    def summary(self) -> Summary:
        """The show up to now."""
        requests = Answered() if self._requests is None else self._requests.counters
        refused = self._commands.refused + self._errands.refused
        senders = [target.sender.counters for target in self._targets]
        return self._tally.summary(self._act.counters, senders, requests, refused)

    def _tick(self, deadline: int) -> None:
        """Send the frame that is due, then compute the one to send next."""
        now = self._clock.now_ns()
        for target in self._targets:
            target.fire()
        self._tally.left(now, now - deadline)
        following = self._ticker.following(self.sequence, now)
        self._tally.skipped(following - self.sequence - 1)
        self.sequence = following
        if self._end is None or following < self._end:
            self._compute(following)

    def _compute(self, sequence: int) -> None:
        began = self._clock.now_ns()
        self._obey()
        frame = self._cadence.frame(self._act.tick, sequence, self._ticker.milliseconds(sequence))
        if self._solver is not None:
            rotations, body = self._solver.solve(frame.pose.positions, frame.performers)
            frame = frame._replace(pose=frame.pose._replace(rotations=rotations, body=body))
        for target in self._targets:
            target.load(frame)
        self._tally.computed(self._clock.now_ns() - began)
        self._add_news(self._ticker.deadline(sequence) - self._ticker.start, frame.performers)

    def _obey(self) -> None:
        """Do what was asked for since the last frame."""
        if self._requests is not None:
            self._requests.serve()
        self._commands.run(COMMANDS)
        self._company.gather()

    def _hello(self, _arguments: Sequence[Value]) -> None:
        self.announce()

    def _add_news(self, at: int, performers: tuple[int, ...]) -> None:
        """Put what is due `at` ns of the show behind the frame; the receivers' announcements are spread in time."""
        changed, self._announced = performers != self._announced, performers
        asked = self._asked
        if asked:  # put out before it is answered, so that whoever asks meanwhile is answered by the next frame
            self._asked = False
        for number, target in enumerate(self._targets):
            due = at >= self._announcements[number]
            if asked or changed or due:
                target.announce(performers)
            if due:
                self._announcements[number] = _next(at, ANNOUNCE_NS, ANNOUNCE_NS * number // len(self._targets))
        if at >= self._report:
            status = self._tally.status(self._clock.now_ns(), "playing")
            for target in self._targets:
                target.report(status)
            self._report = _next(at, REPORT_NS, REPORT_NS // 2)

    def _part(self) -> None:
        """Tell the receivers that it is over, once the link has had time for the last frame."""
        self._clock.sleep_until_ns(self._clock.now_ns() + PARTING_NS)
        status = self._tally.status(self._clock.now_ns(), "stopped")
        for target in self._targets:
            target.part(status)


def _next(at: int, period: int, phase: int) -> int:
    """The first moment after `at` that lies `phase` before a multiple of `period`."""
    return at - (at + phase) % period + period
