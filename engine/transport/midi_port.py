"""A MIDI port that messages are sent to; it may be away, go away and come back while the show plays."""

import importlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from types import MappingProxyType
from typing import Protocol

from engine.schema.errors import ConfigError, TransportError
from engine.transport.udp import Counters

LOOK = 0.5
"""Seconds between two looks at which outputs there are; one takes 0.1 ms. A synthesiser that is started anew takes
longer than that, so it is missed between; its port has the same name again, but what was open leads nowhere."""

SETTLE = 0.1
"""Seconds between the last message and the closing of a port: JACK hands messages over with its next period, some ten
milliseconds, and forgets those of a port that is closed before."""

CHANNELS = range(1, 17)

PEDAL_UP, ALL_NOTES_OFF = (64, 0), (123, 0)
"""Controllers and values that end everything (MIDI 1.0, channel mode messages)."""

Message = bytes | bytearray | memoryview


class Port(Protocol):
    """An output that is open."""

    def send(self, message: Message) -> None:
        """Hand one message to the driver; OSError where it does not take it."""
        ...

    def close(self) -> None:
        """Close it; harmless twice."""
        ...


class Ports(Protocol):
    """The MIDI outputs that there are; what fails is a `TransportError`."""

    def names(self) -> Sequence[str]:
        """Those that are there now."""
        ...

    def open(self, name: str, *, virtual: bool) -> Port:
        """One by its whole name; a virtual one is made."""
        ...

    def close(self) -> None:
        """Look no more; harmless twice."""
        ...


def system_ports(*, jack: bool) -> Ports:
    """The outputs of this machine, or those of its JACK server.

    Raises:
        ConfigError: what talks to them is not installed.
    """
    try:
        made: Ports = importlib.import_module("engine.transport.midi_system").SystemOutputs(jack=jack)
    except ImportError as error:
        found, hint = "python-rtmidi is not installed", "pip install 'figurant[midi]'"
        raise ConfigError("midi output", found, "the extra 'midi'", hint) from error
    return made


def everything_up(channels: Iterable[int]) -> list[bytes]:
    """Messages after which no key and no pedal is down, whoever left them so."""
    return [
        bytes((0xB0 + channel - 1, *controller)) for channel in channels for controller in (PEDAL_UP, ALL_NOTES_OFF)
    ]


class MidiSender:
    """Sends to one MIDI port, as UDP does to a host: what cannot be sent is counted, never raised.

    A port is looked for in a thread of its own, at which nobody plays. It is let go of one look before it is closed, so
    that nobody is sending to it then.

    Args:
        name: a part of the port's name, in whatever case; of a virtual one its name.
        ports: those that there are.
        say: takes one line for a person.
        virtual: whether the port is made, for others to read from.
        channels: those that are quiet when the port is opened and when it is closed.
    """

    def __init__(
        self,
        name: str,
        ports: Ports,
        say: Callable[[str], None],
        *,
        virtual: bool = False,
        channels: Iterable[int] = CHANNELS,
    ) -> None:
        self._wanted, self._ports, self._say, self._virtual = name, ports, say, virtual
        self._silence = everything_up(channels)
        self._name, self._said = "", ""
        self._port: Port | None = None
        self._left: Port | None = None
        self._sent, self._skipped = 0, 0
        self._errors: Counter[str] = Counter()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look now, and twice a second from now on."""
        self.look()
        self._thread = threading.Thread(target=self._watch, name=f"midi {self._wanted}", daemon=True)
        self._thread.start()

    def send(self, datagrams: Sequence[Message]) -> int:
        """Send messages, in order; returns how many the driver took, none where the port is away."""
        port = self._port
        if port is None:
            self._skipped += 1
            return 0
        sent = 0
        for message in datagrams:
            try:
                port.send(message)
            except OSError as error:
                self._errors[str(error)] += 1
            else:
                sent += 1
        self._sent += sent
        return sent

    @property
    def counters(self) -> Counters:
        """A snapshot."""
        return Counters(self._sent, self._skipped, MappingProxyType(dict(self._errors)))

    def look(self) -> None:
        """Let go of a port that is gone, and open one that has come; not in a thread that plays."""
        if self._left is not None:
            self._left.close()
            self._left = None
        try:
            self._follow(self._ports.names())
        except TransportError as error:
            self._leave()
            self._tell(str(error))

    def close(self) -> None:
        """Leave the port quiet, and close it; harmless twice."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()
        port, self._port = self._port, None
        if port is not None:
            self._quieten(port)
            time.sleep(SETTLE)
            port.close()
        if self._left is not None:
            self._left.close()
        self._ports.close()

    def _quieten(self, port: Port) -> None:
        """Have every key of a port come up."""
        for message in self._silence:
            try:
                port.send(message)
            except OSError as error:
                self._errors[str(error)] += 1

    def _watch(self) -> None:
        while not self._closing.wait(LOOK):
            self.look()

    def _follow(self, names: Sequence[str]) -> None:
        if self._port is not None and not self._virtual and self._name not in names:
            self._leave()
            self._tell(f"midi {self._wanted!r}: {self._name} is gone; looking on")
        if self._port is None:
            self._find(names)

    def _find(self, names: Sequence[str]) -> None:
        name = self._wanted if self._virtual else _fitting(self._wanted, names)
        if name is None:
            if not self._said:
                there = ", ".join(names) or "none"
                self._tell(f"midi {self._wanted!r}: no such output; there are: {there}; looking on")
            return
        port = self._ports.open(name, virtual=self._virtual)
        self._quieten(port)
        self._name, self._port = name, port
        self._tell(f"midi {self._wanted!r}: plays on {name}")
        self._said = ""

    def _leave(self) -> None:
        self._left, self._port = self._port, None

    def _tell(self, line: str) -> None:
        """Say something new."""
        if line != self._said:
            self._said = line
            self._say(line)


def _fitting(wanted: str, names: Iterable[str]) -> str | None:
    """The shortest name that holds what is wanted."""
    return min((name for name in names if wanted.casefold() in name.casefold()), key=len, default=None)
