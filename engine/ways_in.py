"""The ways in which a show can be steered from outside, as the show file names them."""

import platform
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from engine import __version__
from engine.bill import Bill
from engine.contracts import Status
from engine.controls.board import Board
from engine.controls.desk import Client, Desk, Mirror
from engine.controls.echo import Audience, Echo
from engine.controls.letter import Inbox
from engine.controls.news import Outlet
from engine.controls.osc import Listener
from engine.controls.tree import Tree
from engine.schema.note import Event
from engine.schema.show import Show
from engine.transport.access import check, places

Say = Callable[[str], None]
"""Takes one line for a person."""


class Hears(Protocol):
    """What keys are pressed on; any thread may call it."""

    def hear(self, event: Event) -> None:
        """Play something now; never waits."""
        ...

    def hush(self) -> None:
        """Have everything come up."""
        ...


class Ways:
    """Makes the clients of a show's desk; what they need beside the standard library is imported where it is used.

    Args:
        show: names them.
        bill: its acts.
        tree: every address.
        board: where everything stands at the beginning.
        say: takes one line for a person.

    Attributes:
        inboxes: where letters arrive, one for each way, so that a busy one crowds out no other.

    Raises:
        TransportError: the show's `listen` or `allow` makes no sense.
    """

    def __init__(self, show: Show, bill: Bill, *, tree: Tree, board: Board, say: Say) -> None:
        check(show.settings.listen, show.settings.allow)
        self._show, self._bill, self._tree, self._say = show, bill, tree, say
        self.inboxes = self._queried, self._published, self._played = Inbox(), Inbox(), Inbox()
        self._mirror = Mirror(show.settings.root, tree.values(board.target))
        self._mirror.report(Status(0.0, 0, 0, 0.0, bill.first.loaded.spec.name, "playing"))

    def desk(
        self,
        outlet: Outlet,
        listener: Listener | None,
        guests: Audience,
        keyboard: Hears | None = None,
    ) -> Desk:
        """The desk with all that the show asks for.

        Args:
            outlet: where the show tells what is new.
            listener: answers over OSC; None where nobody hears it.
            guests: who has subscribed to every value over OSC.
            keyboard: takes the keys of MIDI inputs; None where nobody plays any.

        Raises:
            ConfigError: a MIDI mapping makes no sense.
        """
        clients: list[Client] = []
        if listener is not None:
            clients.append(Echo(listener.send, guests, port=listener.port))
        if self._show.settings.oscquery:
            clients += self._oscquery(0 if listener is None else listener.port)
        if self._show.mqtt is not None:
            from engine.controls.mqtt import MqttClient  # noqa: PLC0415 (its libraries are for shows with a broker)

            settings, told = self._show.mqtt, self._info()
            clients.append(MqttClient(settings, self._tree, self._mirror, self._published, told, self._say))
        if self._show.midi:
            from engine.controls.midi import MidiClient  # noqa: PLC0415 (likewise)

            take, gone = (None, None) if keyboard is None else (keyboard.hear, keyboard.hush)
            inputs = self._show.midi
            clients.append(MidiClient(inputs, self._tree, self._played, self._say, take=take, gone=gone))
        return Desk(outlet, clients, mirror=self._mirror, say=self._say)

    def _oscquery(self, control: int) -> Iterable[Client]:
        """The tree over HTTP, and its announcement where a network is to know."""
        from engine.controls.oscquery import OscQuery  # noqa: PLC0415 (likewise)
        from engine.controls.query import Namespace  # noqa: PLC0415

        settings, name = self._show.settings, f"figurant {platform.node().partition('.')[0][:40]}".strip()
        space = Namespace(self._tree, self._mirror, settings.root)
        yield OscQuery(
            space,
            self._queried,
            root=settings.root,
            name=name,
            port=settings.oscquery,
            control=control,
            listen=settings.listen,
            allow=settings.allow,
        )
        opened = len(places(settings.listen)) > 1
        if opened if settings.announce is None else settings.announce:
            from engine.controls.announce import Announcement  # noqa: PLC0415 (likewise)

            yield Announcement(name=name, listen=settings.listen, port=settings.oscquery)

    def _info(self) -> Mapping[str, object]:
        """What the engine is."""
        specs = [billed.loaded.spec for billed in self._bill.acts]
        knobs = (node for node in self._tree.nodes.values() if node.knob and not node.performer)
        return {
            "name": "figurant",
            "version": __version__,
            "model": ", ".join(spec.name for spec in specs),
            "fps": specs[0].fps if self._show.settings.fps is None else self._show.settings.fps,
            "credit": "\n".join(dict.fromkeys(spec.credit for spec in specs if spec.credit)),
            "parameters": {
                node.name: {"low": node.low, "high": node.high, "default": node.default, "unit": node.unit}
                for node in knobs
            },
        }
