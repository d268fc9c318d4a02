"""From a take to a stage that plays it."""

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from engine.motion.rig import make_rig
from engine.motion.solve import Solver
from engine.open_screens import Screens, open_screens
from engine.regenerate import Again
from engine.runtime.bell import Bell
from engine.runtime.broadcast import Broadcast
from engine.runtime.cadence import Cadence
from engine.runtime.clock import Clock
from engine.runtime.commands import Commands
from engine.runtime.hands import Hands
from engine.runtime.projecting import Projecting
from engine.runtime.recorded_keys import RecordedKeys
from engine.runtime.reel import room
from engine.runtime.replaying import Replaying, Unsteered
from engine.runtime.stage import Stage
from engine.runtime.strip import Source, Strip, Window, laps
from engine.runtime.ticker import SECOND
from engine.schema.controls import CONTROLS
from engine.schema.errors import ConfigError, DataError
from engine.schema.frame import Frame
from engine.schema.model import Size
from engine.schema.show import Output, Screen, Settings, Show
from engine.takes.reader import Take
from engine.takes.values import Header, Struck, Taken
from engine.targets import Opener, receivers

AHEAD = 2.0
"""Seconds that are read ahead: a disk that sleeps, or a model that is opened again, takes less."""

FEWEST = 16
"""Frames that are read ahead at least, as a curve needs two more than it shows."""

BEFORE_NS = SECOND
"""Before what is played, where reading begins: records stand in their order but for the 50 ms between two writes."""

SPEED = next(control for control in CONTROLS if control.name == "speed")

Say = Callable[[str], None]


class Asked(NamedTuple):
    """What is asked of a replay.

    Attributes:
        path: of the take.
        outputs: receivers; None: those of the show that was recorded.
        screens: show its pictures, where it has some; None: likewise.
        speed: how fast time passes.
        loop: whether it begins again when it is over.
        begin: seconds of the take that are passed over.
        end: seconds of the take after which it is over; None: with it.
        regenerate: whether its models are to play again.
    """

    path: Path
    outputs: Sequence[Output] | None = Show().outputs
    screens: Sequence[Screen] | None = Show().screens
    speed: float = 1.0
    loop: bool = False
    begin: float = 0.0
    end: float | None = None
    regenerate: bool = False


class Replay(NamedTuple):
    """A take that is ready.

    Attributes:
        stage: plays it.
        hands: play its keys beside it; None where it has none.
        stop: ends it.
        programme: what plays and where to, in lines for a person.
        verdict: what is to be told when it is over.
    """

    stage: Stage
    hands: Hands | None
    stop: threading.Event
    programme: Sequence[str]
    verdict: "Verdict"


class Verdict:
    """What is to be told when a take is over.

    Args:
        take: that was read.
        again: compared it; None where nobody did.
        strip: read it ahead; None where nobody did.
        playing: played it; likewise.
        screens: showed its pictures; None where it has none.
    """

    def __init__(
        self,
        take: Take,
        again: Again | None = None,
        strip: Strip | None = None,
        playing: Replaying | None = None,
        screens: Screens | None = None,
    ) -> None:
        self._take, self._again, self._strip, self._playing, self._screens = take, again, strip, playing, screens

    @property
    def good(self) -> bool:
        """Whether every frame that was computed again is the recorded one."""
        return self._again is None or self._again.likeness.different == 0

    def lines(self) -> list[str]:
        """For a person to read.

        Raises:
            EngineError: the take could not be read on; what was played was right.
        """
        lines = [f"{self._take.path} ended early: {self._take.damage}"] if self._take.damage else []
        if self._playing is not None and self._playing.held:
            lines.append(f"{self._playing.held} frames were held, as the take was not read in time")
        lines += [] if self._screens is None else self._screens.lines()
        if self._again is not None:
            lines.append(self._again.likeness.line())
        if self._strip is not None and self._strip.failure is not None:
            raise self._strip.failure
        return lines


def check(asked: Asked) -> None:
    """Refuse what contradicts itself.

    Raises:
        ConfigError: it does.
    """
    if not SPEED.low <= asked.speed <= SPEED.high:
        raise ConfigError("--speed", f"{asked.speed:g}", f"a number from {SPEED.low:g} to {SPEED.high:g}")
    if asked.end is not None and asked.end <= asked.begin:
        raise ConfigError("--to", f"{asked.end:g} s", f"a time after --from {asked.begin:g}s")
    if asked.regenerate and asked.loop:
        raise ConfigError("--loop", "with --regenerate", "one of both: a show is computed once, from its beginning")


def compare(path: Path, say: Say) -> bool:
    """Compute a take again, as fast as that goes, and tell whether it is the same.

    Raises:
        EngineError: it cannot be.
    """
    again = Again(path)
    for line in again.remarks:
        say(line)
    _tell_before(again.take.header.first / again.take.header.fps, say)
    for _ in again.records():
        pass
    if not again.likeness.frames and not again.take.damage:
        raise _empty(path)
    verdict = Verdict(again.take, again)
    for line in verdict.lines():
        say(line)
    return verdict.good


def _tell_before(seconds: float, say: Say) -> None:
    """Say what takes its time before anything is seen."""
    if seconds > 0:
        say(f"first the {seconds:.0f} s of the show before that are computed")


def assemble(asked: Asked, *, clock: Clock, say: Say) -> Replay:
    """Open a take and the sockets; the stage closes them.

    Args:
        asked: what is to be played, and how.
        clock: the time to play by.
        say: takes one line for a person, also while it plays.

    Raises:
        ConfigError: what is asked contradicts itself, or begins behind the end of the take.
        DataError: it is no take.
        EngineError: a receiver cannot be reached, or the models cannot play again.
    """
    check(asked)
    again = Again(asked.path) if asked.regenerate else None
    take = Take(asked.path) if again is None else again.take
    header, stop, window = take.header, threading.Event(), _window(asked, take)
    if again is not None:
        _tell_before(window.first / header.fps, say)
    with ExitStack() as opened:
        source = _recorded(take, window) if again is None else again.records
        strip, first = _read(asked, source, window, opened, heard=_has_keys(header), size=header.size)
        outputs = header.show.outputs if asked.outputs is None else tuple(asked.outputs)
        opener = _opener(asked.path, header, say)
        broadcast, names = _broadcast(opener, outputs, first.performers, opened)
        playing = _playing(asked, header, strip, first, stop)
        screens = _screens(asked, header, say, opened)
        hands = None
        if _has_keys(header):
            notes = [opener.notes(each) for each in outputs]
            for target in notes:
                opened.callback(target.sender.close)
            began: Callable[[], int | None] = lambda: stage.began  # noqa: E731 (of the stage that is made below)
            keys = RecordedKeys(strip, notes, clock=clock, began=began, speed=asked.speed)
            hands = Hands(keys, Bell(), clock, failed=stop.set)
            opened.callback(hands.close)
        stage = Stage(
            playing,
            broadcast,
            steering=Unsteered(),
            fps=header.fps,
            clock=clock,
            commands=Commands(1),
            errands=Commands(1),
            resources=opened.pop_all(),
            solver=_solver(header) if playing.skeleton is not None else None,
            pictures=None if screens is None else Projecting(screens),
        )
    places = [] if screens is None else screens.places
    remarks = [] if again is None else again.remarks
    programme = [_programme(asked, header, names), *places, *_owed(header), *remarks]
    return Replay(stage, hands, stop, programme, Verdict(take, again, strip, playing, screens))


def _has_keys(header: Header) -> bool:
    return any(played.part == "keys" for played in header.models)


def _window(asked: Asked, take: Take) -> Window:
    """What is played of a take."""
    first, fps = next((taken.frame.sequence for taken in take.frames()), take.header.first), take.header.fps
    stop = None if asked.end is None else first + round(asked.end * fps)
    return Window(first + round(asked.begin * fps), stop, fps)


def _recorded(take: Take, window: Window) -> Source:
    """Gives what was recorded, from some time before the window on."""
    since = round(window.first * SECOND / window.fps) - BEFORE_NS

    def records() -> Iterable[Taken | Struck]:
        found = take.records("/frames", "/notes", since=since)
        return (record for record in found if isinstance(record, Taken | Struck))

    return records


def _read(
    asked: Asked, source: Source, window: Window, opened: ExitStack, *, heard: bool, size: Size | None
) -> tuple[Strip, Frame]:
    """What reads the take ahead, and the first frame of it that is played."""
    found = laps(source, window, loop=asked.loop)
    strip = Strip(found, max(room(AHEAD * asked.speed, window.fps, size), FEWEST), heard=heard)
    opened.callback(strip.close)
    strip.start()
    if strip.first is not None:
        return strip, strip.first
    if strip.failure is not None:
        raise strip.failure
    if asked.begin:
        raise ConfigError("--from", f"{asked.begin:g} s", f"a time before the end of {asked.path}")
    raise _empty(asked.path)


def _empty(path: Path) -> DataError:
    return DataError(str(path), "no frame", "a take with some")


def _opener(path: Path, header: Header, say: Say) -> Opener:
    if not header.models:
        raise DataError(str(path), "a take of no model", "the models of the show in its description")
    root = header.show.settings.root
    return Opener(header.models[0].spec, header.skeleton, fps=header.fps, root=root, say=say)


def _broadcast(
    opener: Opener, outputs: Sequence[Output], performers: Sequence[int], opened: ExitStack
) -> tuple[Broadcast, list[str]]:
    """The receivers of frames, and what they are called."""
    show = Show(settings=Settings(control=0, oscquery=0), outputs=tuple(outputs))
    wanted = receivers(show, max(performers, default=1))
    targets = []
    for receiver in wanted:
        targets.append(opener.target(receiver, performers))
        opened.callback(targets[-1].sender.close)
    return Broadcast(targets, bool), [str(receiver) for receiver in wanted]


def _screens(asked: Asked, header: Header, say: Say, opened: ExitStack) -> Screens | None:
    """What shows the pictures of a take; None where it has none."""
    if header.size is None:
        return None
    wanted = header.show.screens if asked.screens is None else tuple(asked.screens)
    return open_screens(wanted, header.size, fps=header.fps, name=header.name, say=say, opened=opened)


def _playing(asked: Asked, header: Header, strip: Strip, first: Frame, stop: threading.Event) -> Replaying:
    """At its own pace the frames as they are; otherwise a curve through them, whose rotations are solved."""
    skeleton = None if asked.speed == 1 else header.skeleton
    cadence = None
    if skeleton is not None:
        cadence = Cadence(skeleton, model_fps=header.fps, fps=header.fps, speed=asked.speed)
    return Replaying(strip, first, model=header.name, stop=stop, speed=asked.speed, cadence=cadence, skeleton=skeleton)


def _solver(header: Header) -> Solver | None:
    skeleton = header.skeleton
    return None if skeleton is None or make_rig(skeleton) is None else Solver(skeleton, header.fps)


def _programme(asked: Asked, header: Header, names: Sequence[str]) -> str:
    pace = "" if asked.speed == 1 else f", {asked.speed:g} times as fast"
    how = "computed again" if asked.regenerate else "again and again" if asked.loop else "as it was recorded"
    return f"{asked.path.name}: {header.name} at {header.fps:g} fps{pace}, {how}, to {', '.join(names)}"


def _owed(header: Header) -> list[str]:
    """To whom the movement is owed."""
    return [*dict.fromkeys(played.spec.credit for played in header.models if played.spec.credit)]
