"""MIDI inputs, which may come and go while the show plays; what they say is handed on in the driver's own thread."""

import asyncio
import importlib
from collections.abc import Callable, Sequence
from typing import Protocol

from engine.contracts import Status
from engine.controls.letter import Inbox, Source
from engine.controls.mapping import Heard, Route, ends, played
from engine.controls.news import News
from engine.controls.tree import Tree
from engine.schema.errors import TransportError
from engine.schema.note import Event
from engine.schema.show import Midi

LOOK = 1.0
"""Seconds between two looks at which inputs there are; one takes about a millisecond."""

PAUSE = 10.0
"""Seconds until the next look where the system has no MIDI."""

Take = Callable[[Event], object]
"""Takes what is played on an input, in a thread of the driver."""

SOURCE = Source(kind="midi", trusted=True)


class Port(Protocol):
    """An input that is open."""

    def close(self) -> None:
        """Hear it no more; closing twice is harmless."""
        ...


class Ports(Protocol):
    """The system's MIDI inputs; what fails is a `TransportError`."""

    def names(self) -> Sequence[str]:
        """Those that are there now."""
        ...

    def open(self, name: str, hear: Callable[[Heard], None]) -> Port:
        """Have each message of an input handed to `hear`, in a thread of the driver."""
        ...


class MidiClient:
    """A client of the desk that listens to MIDI inputs.

    Args:
        inputs: the tables `[[midi]]`.
        tree: what can be set and called.
        inbox: takes what is asked.
        say: prints a line.
        ports: the inputs of the system; None: those of python-rtmidi, if it is installed.
        take: takes the keys and the pedal of the inputs that are for keys, not those that are mapped; None: nobody.
        gone: is called when such an input is gone, or says that all its notes end: whatever it left down comes up.

    Raises:
        ConfigError: a mapping makes no sense.
    """

    def __init__(
        self,
        inputs: Sequence[Midi],
        tree: Tree,
        inbox: Inbox,
        say: Callable[[str], None],
        ports: Ports | None = None,
        take: Take | None = None,
        gone: Callable[[], object] | None = None,
    ) -> None:
        self._inputs = [
            _Input(
                midi.port,
                [Route(mapping, tree, f"midi[{number}].map[{place}]") for place, mapping in enumerate(midi.map)],
                inbox,
                take=take if midi.keys else None,
                gone=gone,
            )
            for number, midi in enumerate(inputs)
        ]
        self._say = say
        self._ports = ports
        self._missing = False

    async def run(self) -> None:
        """Hear the inputs that are there, until cancelled."""
        ports = self._ports or _installed()
        if ports is None:
            self._say("midi: not installed, so no input is heard; pip install 'figurant[midi]'")
            await asyncio.Event().wait()
            return
        try:
            while True:
                pause = LOOK if self._look(ports) else PAUSE
                await asyncio.sleep(pause)
        finally:
            for each in self._inputs:
                each.close()

    def hear(self, news: Sequence[News]) -> None:
        """Nothing is shown on a controller."""

    def report(self, status: Status) -> None:
        """Nothing is shown on a controller."""

    def _look(self, ports: Ports) -> bool:
        """Open what has come and close what has gone; whether that could be found out."""
        try:
            names = ports.names()
        except TransportError as error:
            if not self._missing:
                self._say(str(error))
            self._missing = True
            return False
        self._missing = False
        for each in self._inputs:
            for line in each.follow(ports, names):
                self._say(line)
        return True


class _Input:
    """One input, there or not."""

    def __init__(
        self,
        wanted: str,
        routes: Sequence[Route],
        inbox: Inbox,
        *,
        take: Take | None,
        gone: Callable[[], object] | None,
    ) -> None:
        self._wanted, self._routes, self._inbox = wanted, routes, inbox
        self._take, self._gone = take, gone
        self._name = ""
        self._port: Port | None = None
        self._missed = False

    def follow(self, ports: Ports, names: Sequence[str]) -> list[str]:
        """Open it if it is among these, close it if it is not; what there is to say about that."""
        said = []
        if self._port is not None and self._name not in names:
            self.close()
            self._end()
            said.append(f"midi {self._wanted!r}: {self._name} is gone")
        if self._port is None:
            said += self._find(ports, names)
        return said

    def _find(self, ports: Ports, names: Sequence[str]) -> list[str]:
        wanted = self._wanted.casefold()
        fitting = sorted((name for name in names if wanted in name.casefold()), key=len)
        problem = f"no such input; there are: {', '.join(names) or 'none'}"
        for name in fitting[:1]:
            try:
                self._port = ports.open(name, self._hear)
            except TransportError as error:
                problem = str(error)
            else:
                self._name, self._missed = name, False
                return [f"midi {self._wanted!r}: hears {name}"]
        missed, self._missed = self._missed, True
        return [] if missed else [f"midi {self._wanted!r}: {problem}; looking on"]

    def _hear(self, heard: Heard) -> None:
        """In the driver's thread."""
        mapped = [route for route in self._routes if route.hears(heard)]
        for route in mapped:
            asked = route.asks(heard)
            if asked is not None:
                self._inbox.put(asked, SOURCE)
        if self._take is not None and not mapped:
            self._play(heard, self._take)

    def _play(self, heard: Heard, take: Take) -> None:
        event = played(heard)
        if event is not None:
            take(event)
        elif ends(heard):
            self._end()

    def _end(self) -> None:
        """Have what was left down come up."""
        if self._take is not None and self._gone is not None:
            self._gone()

    def close(self) -> None:
        """Close it where it is open."""
        if self._port is not None:
            self._port.close()
            self._port = None


def _installed() -> Ports | None:
    """The inputs of python-rtmidi; None where it is not installed."""
    try:
        found: Ports = importlib.import_module("engine.controls.midi_ports").SystemPorts()
    except ImportError:
        return None
    return found
