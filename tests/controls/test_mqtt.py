"""What passes between the show and a broker, and when; the broker is a pretence and time passes at once."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, NamedTuple, Self

import aiomqtt
import pytest
from controls.hurried import Loop
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from engine.contracts import Status
from engine.controls import mqtt
from engine.controls.broker import pause
from engine.controls.letter import MOST, Inbox
from engine.controls.mqtt import MqttClient
from engine.controls.news import News
from engine.controls.tree import Tree
from engine.schema.controls import PARAMETERS, expanded
from engine.schema.show import Mqtt
from engine.wire.decode import Value

TEMPERATURE, BLEND = "/engine/ctl/temperature", "/engine/p2/ctl/blend"
STATUS = Status(30.0, 1, 2, 0.5, "dance", "playing", 3, "storm")


class Message(NamedTuple):
    topic: str
    payload: bytes
    retain: bool = False


class Said(NamedTuple):
    at: float
    topic: str
    payload: str
    retain: bool


class Broker:
    """Takes clients, and keeps what they say.

    Attributes:
        refusing: what is said to who comes; empty: welcome.
        frozen: whether nothing is answered.
        slow: seconds until it answers.
        deaf: whether nobody may subscribe.
        said: what was published, behind the base.
        came: times at which somebody tried to connect.
    """

    def __init__(self) -> None:
        self.refusing = ""
        self.frozen = False
        self.slow = 0.0
        self.deaf = False
        self.said: list[Said] = []
        self.came: list[float] = []
        self.asked = 0
        self.incoming: asyncio.Queue[Message] = asyncio.Queue()

    def told(self, topic: str) -> list[str]:
        return [said.payload for said in self.said if said.topic == topic]

    def send(self, topic: str, payload: str = "", *, retain: bool = False) -> None:
        self.incoming.put_nowait(Message(f"figurant/stage/{topic}", payload.encode(), retain))


class Client:
    """What is used of `aiomqtt.Client`."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def __aenter__(self) -> Self:
        self._broker.came.append(asyncio.get_running_loop().time())
        if self._broker.refusing:
            raise aiomqtt.MqttError(self._broker.refusing)
        await self._answer()
        return self

    async def __aexit__(self, *_: object) -> None: ...

    async def _answer(self) -> None:
        await asyncio.sleep(self._broker.slow)
        if self._broker.frozen:
            await asyncio.sleep(2)
            raise aiomqtt.MqttError("Operation timed out")

    async def subscribe(self, topics: list[tuple[str, Any]]) -> list[ReasonCode]:
        await self._answer()
        code = 0x87 if self._broker.deaf else 1
        return [ReasonCode(PacketTypes.SUBACK, identifier=code) for _ in topics]

    async def unsubscribe(self, _: str) -> None:
        self._broker.asked += 1
        await self._answer()

    async def publish(self, topic: str, payload: str | bytes, *_: object, retain: bool = False, **__: object) -> None:
        text = payload if isinstance(payload, str) else payload.decode()
        at = asyncio.get_running_loop().time()
        self._broker.said.append(Said(at, topic.removeprefix("figurant/stage/"), text, retain))

    @property
    async def messages(self) -> AsyncIterator[Message]:
        while True:
            yield await self._broker.incoming.get()


class Played(NamedTuple):
    client: MqttClient
    broker: Broker
    inbox: Inbox
    lines: list[str]
    mirror: dict[str, tuple[Value, ...]]


Script = Callable[[Played], Coroutine[Any, Any, None]]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Played]:
    def played(script: Script, *, user: str | None = None, refusing: str = "") -> Played:
        broker, lines = Broker(), list[str]()
        broker.refusing = refusing
        monkeypatch.setattr(mqtt, "make_client", lambda *_: Client(broker))
        monkeypatch.setattr(mqtt, "hang_up", lambda _: None)
        settings, tree = Mqtt(host="broker", user=user, password=user), Tree("/engine", expanded(PARAMETERS))
        mirror: dict[str, tuple[Value, ...]] = {TEMPERATURE: (1.0,), "/engine/state/fps": (30.0,)}
        inbox = Inbox()
        client = MqttClient(settings, tree, mirror, inbox, {"name": "test"}, lines.append, wall=lambda: 1000.0)
        found = Played(client, broker, inbox, lines, mirror)

        async def run() -> None:
            running = asyncio.create_task(client.run())
            await script(found)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

        with asyncio.Runner(loop_factory=Loop) as runner:
            runner.run(run())
        return found

    return played


async def wait(_: Played) -> None:
    await asyncio.sleep(2)


def test_a_connection_begins_with_all_that_holds(play: Callable[..., Played]) -> None:
    broker = play(wait).broker
    assert [(said.topic, said.payload, said.retain) for said in broker.said] == [
        ("info", '{"name":"test"}', True),
        ("status", "online", True),
        ("state/temperature", "1.0", True),
        ("status", "offline", True),
    ]


def test_only_who_plays_is_told_and_who_comes_on_is_told_then(play: Callable[..., Played]) -> None:
    async def turn(played: Played) -> None:
        played.mirror.update({f"/engine/p{number}/ctl/blend": (1.0,) for number in range(1, 65)})
        for count in (2, 4, 1, 3):
            played.mirror["/engine/ctl/performers"] = (count,)
            played.client.hear([News("/engine/ctl/performers", (count,))])
            await asyncio.sleep(2)

    broker = play(turn).broker
    found = [said.topic.removeprefix("state/") for said in broker.said if said.topic.endswith("/blend")]
    assert found == ["p1/blend", "p2/blend", "p3/blend", "p4/blend", "p2/blend", "p3/blend"]
    assert broker.told("state/performers") == ["2", "4", "1", "3"]


def test_a_value_that_changes_often_is_told_at_most_twenty_times_a_second(play: Callable[..., Played]) -> None:
    async def turn(played: Played) -> None:
        await asyncio.sleep(1)
        for number in range(2000):
            played.client.hear([News(TEMPERATURE, (number / 1000,)), News(BLEND, (0.5,))])
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.5)

    broker = play(turn).broker
    times = [said.at for said in broker.said if said.topic == "state/temperature" and said.at >= 1]
    assert 30 < len(times) <= 41
    assert min(later - sooner for sooner, later in itertools.pairwise(times)) > 0.049
    assert broker.told("state/temperature")[-1] == "1.999"
    assert broker.told("state/p2/blend")[-1] == "0.5"


def test_a_value_that_changes_is_told_at_once(play: Callable[..., Played]) -> None:
    async def turn(played: Played) -> None:
        await asyncio.sleep(1.03)
        played.client.hear([News(TEMPERATURE, (1.5,))])
        await asyncio.sleep(1)

    (said,) = [said for said in play(turn).broker.said if said.payload == "1.5"]
    assert said.at - 1.03 < 0.06


def test_answers_and_what_is_no_parameter_are_told_nobody(play: Callable[..., Played]) -> None:
    async def turn(played: Played) -> None:
        await asyncio.sleep(1)
        played.client.hear([News(TEMPERATURE, (1.5,), private=True), News("/engine/state/cue", ("storm",))])
        await asyncio.sleep(1)

    assert [said.topic for said in play(turn).broker.said if said.topic.startswith("state/")] == ["state/temperature"]


def test_the_state_is_told_as_it_comes(play: Callable[..., Played]) -> None:
    async def turn(played: Played) -> None:
        await asyncio.sleep(1)
        played.client.report(STATUS)
        await asyncio.sleep(1)

    broker = play(turn).broker
    (telemetry,) = broker.told("telemetry")
    assert json.loads(telemetry) == {"time": 1000.0, **STATUS._asdict()}


def test_what_happens_is_told_each_time_and_kept_by_nobody(play: Callable[..., Played]) -> None:
    async def turn(played: Played) -> None:
        await asyncio.sleep(1)
        played.client.hear([News("/engine/sign/label", (word, 0.5), event=True) for word in ("think", "all", "think")])
        await asyncio.sleep(0.5)

    said = [said for said in play(turn).broker.said if said.topic == "event/sign/label"]
    assert [json.loads(each.payload) for each in said] == [["think", 0.5], ["all", 0.5], ["think", 0.5]]
    assert not any(each.retain for each in said)
    assert all(each.at < 1.1 for each in said)


def test_what_happened_while_the_broker_hung_is_forgotten(play: Callable[..., Played]) -> None:
    async def turn(played: Played) -> None:
        await asyncio.sleep(1)
        played.broker.slow = 0.7
        played.client.hear([News("/engine/sign/label", (f"sign {number}", 0.5), event=True) for number in range(99)])
        await asyncio.sleep(2)
        played.broker.slow = 0.0
        await asyncio.sleep(2)
        played.client.hear([News("/engine/sign/label", ("now", 0.5), event=True)])
        await asyncio.sleep(1)

    assert play(turn).broker.told("event/sign/label") == ['["now",0.5]']


def test_a_state_that_could_not_be_told_is_forgotten(play: Callable[..., Played]) -> None:
    async def turn(played: Played) -> None:
        await asyncio.sleep(1)
        played.broker.frozen = True
        await asyncio.sleep(0.3)
        played.client.report(STATUS)
        await asyncio.sleep(8)
        played.broker.frozen = False
        await asyncio.sleep(10)

    broker = play(turn).broker
    assert broker.told("telemetry") == []
    assert broker.told("status") == ["online", "online", "offline"]


@pytest.mark.parametrize(("user", "trusted"), [(None, False), ("", False), ("show", True)])
def test_who_logs_in_is_trusted(play: Callable[..., Played], user: str | None, trusted: bool) -> None:  # noqa: FBT001
    async def set_it(played: Played) -> None:
        await asyncio.sleep(1)
        played.broker.send("set/temperature", "1.5")
        await asyncio.sleep(1)

    played = play(set_it, user=user)
    (letter,) = played.inbox.drain()
    assert letter.messages == ((TEMPERATURE, (1.5,)),)
    assert (letter.source.kind, letter.source.trusted) == ("mqtt", trusted)
    assert played.client.counters == (1, 0, 0, 0, 1)


def test_what_does_not_count_is_counted(play: Callable[..., Played]) -> None:
    async def send(played: Played) -> None:
        played.broker.send("cmd/panic")  # before the engine says that it is there
        await asyncio.sleep(1)
        played.broker.send("cmd/panic", retain=True)
        played.broker.send("set/temperature", "nan")
        played.broker.send("set/no_such", "1")
        await asyncio.sleep(1)

    played = play(send)
    assert played.inbox.drain() == []
    assert played.client.counters == mqtt.Counters(refused=2, retained=1, old=1, connections=1)


def test_what_comes_while_the_broker_gives_no_answer_is_old(play: Callable[..., Played]) -> None:
    async def freeze(played: Played) -> None:
        await asyncio.sleep(1)
        played.broker.frozen = True
        await asyncio.sleep(0.5)
        played.broker.send("set/temperature", "1.1")  # may be from half a second ago
        await asyncio.sleep(0.6)
        played.broker.send("set/temperature", "1.2")
        await asyncio.sleep(0.1)

    played = play(freeze)
    assert [letter.messages[0].arguments for letter in played.inbox.drain()] == [(1.1,)]
    assert played.client.counters.old == 1


def test_what_a_broker_delivers_when_it_wakes_is_old(play: Callable[..., Played]) -> None:
    async def wake(played: Played) -> None:
        await asyncio.sleep(2)
        played.broker.slow = 1.2
        await asyncio.sleep(0.5)
        played.broker.slow = 0.0  # from the next question on: the one that waits is answered after 1.2 s
        await asyncio.sleep(0.95)
        played.broker.send("set/temperature", "1.1")
        await asyncio.sleep(0.2)
        played.broker.send("set/temperature", "1.2")
        await asyncio.sleep(1)
        played.broker.send("set/temperature", "1.3")
        await asyncio.sleep(0.1)

    played = play(wake)
    assert [letter.messages[0].arguments for letter in played.inbox.drain()] == [(1.3,)]
    assert played.client.counters == mqtt.Counters(taken=1, old=2, connections=1)


def test_more_than_the_show_takes_is_refused(play: Callable[..., Played]) -> None:
    async def flood(played: Played) -> None:
        await asyncio.sleep(1)
        for _ in range(MOST + 10):
            played.broker.send("set/temperature", "1")
        await asyncio.sleep(1)

    played = play(flood)
    assert (played.client.counters.taken, played.client.counters.refused) == (MOST, 10)


def test_trouble_is_said_once_and_its_end(play: Callable[..., Played]) -> None:
    async def trouble(played: Played) -> None:
        await asyncio.sleep(100)
        played.broker.refusing = "not authorized"
        await asyncio.sleep(100)
        played.broker.refusing = ""
        await asyncio.sleep(5)

    played = play(trouble, refusing="connection refused")
    assert played.lines == [
        "mqtt broker:1883: connection refused; trying on",
        "mqtt broker:1883: not authorized; trying on",
        "mqtt broker:1883: connected",
    ]
    gaps = [later - sooner for sooner, later in itertools.pairwise(played.broker.came)]
    assert 0.19 < min(gaps) < max(gaps) <= 3.01
    assert gaps[0] < 0.41
    assert min(gaps[5:]) > 1.49


def test_who_may_not_subscribe_is_told_so_and_tells_on(play: Callable[..., Played]) -> None:
    async def report(played: Played) -> None:
        played.broker.deaf = True
        await asyncio.sleep(1)
        played.client.report(STATUS)
        await asyncio.sleep(1)

    played = play(report)
    assert played.lines == ["mqtt broker:1883: connected, but may not subscribe: nothing can be set there"]
    assert len(played.broker.told("telemetry")) == 1


def test_a_broker_without_trouble_is_not_spoken_of(play: Callable[..., Played]) -> None:
    assert play(wait).lines == []


def test_pauses_grow_and_differ() -> None:
    assert [pause(failures, 1.0) for failures in (0, 1, 2, 3, 100, 10**9)] == [0.4, 0.8, 1.6, 3.0, 3.0, 3.0]
    assert pause(0, 0.0) == 0.2
    assert pause(9, 0.0) == 1.5
