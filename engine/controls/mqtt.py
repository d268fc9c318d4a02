"""A broker through which the show is watched and steered; nothing that it does is waited for by the show.

Nothing old passes. Before anything is told, the broker is asked for an answer, so a broker that hangs never has more
than one handful of messages in its buffers, and those are a moment old. What comes in counts only while the broker
answers: a button that was pressed while it hung does nothing when it wakes. A lost connection is dropped with all that
it still held, and the next one begins with the values of that moment. MQTT 5.
"""

import asyncio
import contextlib
import math
import random
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

import aiomqtt
import msgspec
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from engine.contracts import Status
from engine.controls.broker import Voice, context, hang_up, make_client, pause
from engine.controls.letter import Inbox, Source
from engine.controls.news import News
from engine.controls.topics import Topics, told
from engine.controls.tree import Tree
from engine.schema.show import Mqtt
from engine.wire.decode import Value

INTERVAL = 0.2
"""Seconds between questions to a broker where nothing is told."""

FRESH = 0.8
"""Seconds after an answered question in which messages count: with INTERVAL before it, none is older than 1 s."""

LATE = 0.3
"""Seconds after which an answer shows that the broker hung; in a house's network it takes some milliseconds."""

CALM = 0.5
"""Seconds that a broker gets to be rid of what it held back, before its messages count."""

RECENT = 0.5
"""Seconds after which a report, or something that happened, is no news."""

EVENTS = 16
"""That wait at most: as many as wait for a receiver of frames."""

GOODBYE = 0.3
"""Seconds that the farewell may take; the desk waits a little longer."""

SPACING = 0.05
"""Seconds between two handfuls of values, so that none is told more than 20 times a second."""

HANDFUL = 64
"""Values told at a time."""

SETTLED = 5.0
"""Seconds after which a connection counts as a good one; shorter ones do not shorten the pauses again."""


class Counters(NamedTuple):
    """What became of the messages since the start.

    Attributes:
        taken: handed on to the show.
        refused: about nothing that there is, no value, too long, or too many at a time.
        retained: ignored, as they may be from last year.
        old: ignored, as the broker had not answered for a while.
        connections: that came about.
    """

    taken: int = 0
    refused: int = 0
    retained: int = 0
    old: int = 0
    connections: int = 0


class Values(Protocol):
    """What each address holds; a dict is one, too."""

    def get(self, address: str, /) -> tuple[Value, ...] | None:
        """Its arguments; None where they are not known."""
        ...


class MqttClient:
    """A client of the desk; made and used in the desk's thread.

    Args:
        settings: the table `[mqtt]`.
        tree: what can be set and called.
        mirror: what each address holds now.
        inbox: takes what is asked.
        info: what the engine is; told as JSON.
        say: prints a line.
        wall: seconds since 1970, for the label of the telemetry.

    Attributes:
        counters: a snapshot of them.

    Raises:
        ConfigError: `mqtt.ca` is no file of certificates.
    """

    def __init__(
        self,
        settings: Mqtt,
        tree: Tree,
        mirror: Values,
        inbox: Inbox,
        info: Mapping[str, object],
        say: Callable[[str], None],
        *,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._tree = tree
        self._mirror = mirror
        self._inbox = inbox
        self._info = msgspec.json.encode(info)
        self._wall = wall
        self._topics = Topics(settings)
        self._tls = context(settings)
        logged_in = bool(settings.user and settings.password)
        self._source = Source(kind="mqtt", host=settings.host, trusted=logged_in)
        self._voice = Voice(f"mqtt {settings.host}:{settings.port}", say)
        self._changed: dict[str, tuple[Value, ...]] = {}
        self._performers = 0
        self._telemetry: tuple[float, bytes] | None = None
        self._happened: deque[tuple[float, str, bytes]] = deque(maxlen=EVENTS)
        self._wake = asyncio.Event()
        # One that was connected would send what it could not. One that never was is used again, as each leaves 14 KB
        # to the collector, which does not run in a show.
        self._client: aiomqtt.Client | None = None
        self._asked = self._answered = -math.inf
        self.counters = Counters()

    async def run(self) -> None:
        """Keep connected until cancelled; then say goodbye."""
        loop, failures = asyncio.get_running_loop(), 0
        while True:
            _heed()
            began = loop.time()
            try:
                await self._connection()
            except (aiomqtt.MqttError, OSError, UnicodeError) as error:
                self._voice.trouble(f"{str(error) or 'no answer'}; trying on")
                error.__traceback__ = None  # whose frames hold the future that holds the error
            failures = 0 if loop.time() - began > SETTLED else failures + 1
            await asyncio.sleep(pause(failures - 1, random.random()))  # noqa: S311 (spreads attempts, hides nothing)

    def hear(self, news: Sequence[News]) -> None:
        """Tell these values with the next handful."""
        now = asyncio.get_running_loop().time()
        for piece in news:
            if piece.event:
                self._happened.append((now, self._topics.event(self._tree, piece.address), told(piece.arguments)))
            elif not piece.private:
                self._changed[piece.address] = piece.arguments
        self._meet(self._performers + 1)
        self._wake.set()

    def report(self, status: Status) -> None:
        """Tell how the show is doing; what cannot be told at once is forgotten."""
        fields = {"time": round(self._wall(), 3), **status._asdict()}
        self._telemetry = asyncio.get_running_loop().time(), msgspec.json.encode(fields)
        self._wake.set()

    async def _connection(self) -> None:
        """One connection from its beginning to its end, which is an error, or this task's."""
        self._answered = -math.inf
        client = self._client = self._client or make_client(self._settings, self._topics, self._tls)
        try:
            async with client:
                self._client = None
                await self._converse(client)
        finally:
            hang_up(client)

    async def _converse(self, client: aiomqtt.Client) -> None:
        hearing = asyncio.create_task(self._listen(client))
        try:
            heard = await self._subscribe(client)
            await self._greet(client)
            if not heard:
                self._voice.trouble("connected, but may not subscribe: nothing can be set there")
            while not hearing.done():
                _heed()
                await self._ask(client)
                await self._tell(client)
                await asyncio.sleep(SPACING)
                await self._rest()
            await hearing
        except asyncio.CancelledError:
            with contextlib.suppress(aiomqtt.MqttError):
                await client.publish(self._topics.status, "offline", 1, retain=True, timeout=GOODBYE)
            raise
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    async def _subscribe(self, client: aiomqtt.Client) -> bool:
        """Ask for what can be set and called; whether the broker lets this user."""
        # The broker leaves the mark of retained messages on those that were published a moment ago, too.
        options = SubscribeOptions(qos=1, retainAsPublished=True)
        answers = await client.subscribe([(topic, options) for topic in self._topics.heard])
        return not any(isinstance(answer, ReasonCode) and answer.is_failure for answer in answers)

    async def _greet(self, client: aiomqtt.Client) -> None:
        """Say that the engine is there, once messages count: what the broker held back has come by then."""
        await asyncio.sleep(CALM)
        await self._ask(client)
        self._changed.clear()
        self._meet(0)
        await client.publish(self._topics.info, self._info, retain=True)
        await client.publish(self._topics.status, "online", 1, retain=True)
        self.counters = self.counters._replace(connections=self.counters.connections + 1)
        self._voice.well()

    def _meet(self, first: int) -> None:
        """Tell all values of those who play, from this number on; 0 begins with the act's own."""
        crowd = self._tree.parameter("performers")
        (count,) = (crowd and self._mirror.get(crowd.path)) or (0,)
        self._performers = int(count or 0)
        if first > self._performers:
            return
        for path, node in self._tree.nodes.items():
            if node.knob and first <= node.performer <= self._performers:
                arguments = self._mirror.get(path)
                if arguments is not None:
                    self._changed[path] = arguments

    async def _ask(self, client: aiomqtt.Client) -> None:
        """Get an answer out of the broker; of one that hung a second one, a little later."""
        if await self._question(client) > LATE:
            await asyncio.sleep(CALM)
            await self._question(client)
        self._answered = self._asked

    async def _question(self, client: aiomqtt.Client) -> float:
        """Leave a topic that nobody listens to, which is answered and does nothing else; seconds that it took."""
        loop = asyncio.get_running_loop()
        self._asked = loop.time()
        await client.unsubscribe(f"{self._topics.base}/nothing")
        return loop.time() - self._asked

    async def _tell(self, client: aiomqtt.Client) -> None:
        """What happened a moment ago, a handful of values that changed, and the telemetry if there is any."""
        while self._happened:
            at, topic, payload = self._happened.popleft()
            if asyncio.get_running_loop().time() - at < RECENT:
                await client.publish(topic, payload, properties=_short_lived())
        report, self._telemetry = self._telemetry, None
        if report is not None and asyncio.get_running_loop().time() - report[0] < RECENT:
            await client.publish(self._topics.telemetry, report[1], properties=_short_lived())
        for address in list(self._changed)[:HANDFUL]:
            arguments, name = self._changed.pop(address), self._tree.name(address)
            if self._tree.parameter(name) is not None:
                await client.publish(self._topics.state(name), told(arguments), retain=True)

    async def _rest(self) -> None:
        """Until there is something to tell, or it is time to ask."""
        if self._changed or self._happened:
            return
        alarm = asyncio.get_running_loop().call_later(INTERVAL, self._wake.set)
        await self._wake.wait()
        self._wake.clear()
        alarm.cancel()

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            what = self._take(str(message.topic), message.payload, retained=message.retain)
            self.counters = self.counters._replace(**{what: getattr(self.counters, what) + 1})

    def _take(self, topic: str, payload: bytes, *, retained: bool) -> str:
        """Hand a message on if it counts; which counter it belongs to."""
        if retained:
            return "retained"
        if asyncio.get_running_loop().time() - self._answered > FRESH:
            return "old"
        try:
            asked = self._topics.read(self._tree, topic, payload)
        except ValueError:
            return "refused"
        return "taken" if self._inbox.put(asked, self._source) else "refused"


def _heed() -> None:
    """Be cancelled if that got lost: until Python 3.12 `wait_for` swallows it where it comes with an answer."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _short_lived() -> Properties:
    """Of a message that a broker drops rather than deliver it late."""
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.MessageExpiryInterval = 1
    return properties
