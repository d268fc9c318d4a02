"""From the receivers of a show to what is sent to each."""

from collections.abc import Callable, Sequence

import msgspec

from engine import plugins
from engine.contracts import Output
from engine.motion.one_euro import OneEuro
from engine.runtime.note_target import NoteTarget, no_backlog
from engine.runtime.target import Sender, Target
from engine.schema import show as written
from engine.schema.errors import ConfigError
from engine.schema.model import ModelSpec
from engine.schema.skeleton import Skeleton
from engine.transport.midi_port import CHANNELS, MidiSender, system_ports
from engine.transport.udp import UdpSender

LAST_PORT = 65535

OURS = ("127.0.0.1", "localhost", "0.0.0.0")  # noqa: S104
"""Hosts that a datagram is sent to and comes to where this show hears requests."""


class Opener:
    """Makes targets, at the start of a show and for those who subscribe later.

    Args:
        spec: of the model.
        skeleton: of its bodies; None where there are none.
        fps: frames per second on the wire.
        root: begins every address.
        say: takes one line for a person.
    """

    def __init__(
        self, spec: ModelSpec, skeleton: Skeleton | None, *, fps: float, root: str, say: Callable[[str], None]
    ) -> None:
        self._spec, self._skeleton, self._fps, self._root, self._say = spec, skeleton, fps, root, say
        self._midi: dict[written.Output, MidiSender] = {}

    def target(self, receiver: written.Output, performers: Sequence[int]) -> Target:
        """A receiver's target, with its socket, which is its sender's to close.

        Args:
            receiver: as it is written.
            performers: numbers of those who play now.

        Raises:
            ConfigError: an option does not fit the model.
            DataError: a file that the output needs cannot be read.
            TransportError: the receiver cannot be reached.
        """
        output = self.output(receiver, performers)
        smooth = self._filter(receiver)
        sender = self.sender(receiver)
        return Target(output, sender, performers=receiver.performer, every=receiver.every, smooth=smooth)

    def notes(self, receiver: written.Output) -> NoteTarget:
        """What tells a receiver of notes as they are struck, by a way of its own; errors as for `target`."""
        return NoteTarget(self.output(receiver, ()), self.sender(receiver, backlog=no_backlog))

    def sender(self, receiver: written.Output, *, backlog: Callable[[int], int] | None = None) -> Sender:
        """The way to a receiver, to be closed by who asks; there is one to a MIDI port, whoever asks for it.

        Args:
            receiver: as it is written.
            backlog: tells how many bytes wait for the link of a socket, which then sends nothing; None: as it finds.

        Raises:
            ConfigError: what talks to MIDI ports is not installed.
            TransportError: the receiver cannot be reached.
        """
        if receiver.port:
            return UdpSender(receiver.host, receiver.port, backlog=backlog)
        if receiver not in self._midi:
            asked = receiver.options if isinstance(receiver.options, written.MidiOptions) else written.MidiOptions()
            channels = CHANNELS if asked.channel is None else [asked.channel]
            ports = system_ports(jack=asked.jack)
            made = MidiSender(receiver.host, ports, self._say, virtual=asked.virtual, channels=channels)
            made.start()
            self._midi[receiver] = made
        return self._midi[receiver]

    def output(self, receiver: written.Output, performers: Sequence[int]) -> Output:
        """The protocol of a receiver; errors as for `target`, but for the socket's."""
        options = plugins.options()[receiver.kind]() if receiver.options is None else receiver.options
        wanted = [number for number in performers if not receiver.performer or number in receiver.performer]
        return plugins.output(receiver.kind)(self._spec, wanted, self._root, options)

    def _filter(self, receiver: written.Output) -> OneEuro | None:
        """What smooths a receiver's own frames, where that is asked for."""
        if receiver.smooth == 0 or self._skeleton is None:
            return None
        return OneEuro(self._skeleton, fps=self._fps / receiver.every, cutoff=receiver.smooth, beta=receiver.beta)


def by_socket() -> dict[str, type[written.Options]]:
    """The protocols that a guest may ask for, with what can be asked of each: MIDI ports are this machine's own."""
    return {name: kind for name, kind in plugins.options().items() if not issubclass(kind, written.MidiOptions)}


def receivers(show: written.Show, performers: int) -> list[written.Output]:
    """The receivers of a show in which so many performers play, one for each socket.

    A protocol that carries one performer has a port for each: its first performer's is the one that is written, the
    next one's follows it.

    Raises:
        ConfigError: there is no such port, or the show itself listens there.
    """
    found = [each for receiver in show.outputs for each in ports(receiver, performers)]
    for each in found:
        if each.port == show.settings.control != 0 and each.host in OURS:
            raise ConfigError(str(each), "the port for requests to this show", "another", "or move it: --control")
    return found


def ports(receiver: written.Output, performers: int) -> list[written.Output]:
    """A receiver as it is written, or one for each of its performers where its protocol carries one.

    Raises:
        ConfigError: there are not so many ports.
    """
    if not plugins.single(receiver.kind):
        return [receiver]
    numbers = receiver.performer or tuple(range(1, performers + 1))
    if receiver.port + len(numbers) - 1 > LAST_PORT:
        raise ConfigError(str(receiver), f"{len(numbers)} performers from this port on", f"ports up to {LAST_PORT}")
    return [
        msgspec.structs.replace(receiver, port=receiver.port + index, performer=(number,))
        for index, number in enumerate(numbers)
    ]
