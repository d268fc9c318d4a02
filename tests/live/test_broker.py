"""The client of a broker, with a real Mosquitto: what comes through, and what happens when the broker has trouble."""

import contextlib
import json
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live.brokers import Broker, Program, Watch, broker
from live.steered import until

pytestmark = [pytest.mark.live, pytest.mark.broker]

STAND_IN = Path(__file__).with_name("stand_in.py")

BACK = 5.0
"""Seconds after which an engine must be there again."""

USER, SECRET, OTHER = "show", "secret", "changed"


class Engine(Program):
    """The stand-in, and what it printed."""

    def __init__(self, port: int, *login: str) -> None:
        super().__init__([sys.executable, str(STAND_IN), str(port), *login])

    def _all(self, key: str) -> list[dict[str, Any]]:
        return [found for line in list(self.lines) if key in (found := json.loads(line))]

    @property
    def asked(self) -> list[tuple[str, list[Any]]]:
        return [(found["asked"], found["arguments"]) for found in self._all("asked")]

    @property
    def ages(self) -> list[float]:
        """Seconds from each setting to a time until it arrived."""
        return [found["at"] - found["arguments"][0] for found in self._all("asked")]

    @property
    def trusted(self) -> set[bool]:
        return {found["trusted"] for found in self._all("asked")}

    @property
    def said(self) -> list[str]:
        return [found["said"] for found in self._all("said")]

    def counted(self, name: str) -> int:
        return max((found["counters"][name] for found in self._all("counters")), default=0)


@contextlib.contextmanager
def playing(port: int, *login: str) -> Iterator[Engine]:
    engine = Engine(port, *login)
    try:
        yield engine
    finally:
        engine.end()


def online(watch: Watch) -> None:
    """Wait until somebody says so who is there."""
    until(lambda: any(seen.payload == "online" and not seen.retained for seen in watch.seen("status")), "online", BACK)


@pytest.fixture
def open_broker(tmp_path: Path) -> Iterator[Broker]:
    with broker(tmp_path) as made:
        yield made


def test_a_value_is_set_and_read_back(open_broker: Broker) -> None:
    watch = open_broker.watch()
    with playing(open_broker.port) as engine:
        online(watch)
        until(lambda: watch.last("state/temperature") == "1.0", "all values are told", 2)
        assert json.loads(watch.last("info") or "") == {"name": "stand-in"}
        open_broker.publish("set/temperature", "1.5")
        until(lambda: watch.last("state/temperature") == "1.5", "the new value is told", 1)
        open_broker.publish("set/p2/blend", ".25")
        open_broker.publish("set/run", "false")
        open_broker.publish("cmd/go", "storm")
        open_broker.publish("cmd/panic", "")
        until(lambda: len(engine.asked) == 5, "everything arrives", 1)
        assert engine.asked == [
            ("/engine/ctl/temperature", [1.5]),
            ("/engine/p2/ctl/blend", [0.25]),
            ("/engine/ctl/run", [False]),
            ("/engine/cue/go", ["storm"]),
            ("/engine/panic", []),
        ]
        until(lambda: watch.last("event/cue/go") == '"storm"', "what happens is told", 1)
        assert not any(seen.retained for seen in open_broker.watch().seen("event/cue/go"))
        until(lambda: watch.seen("telemetry"), "telemetry", 2)
        assert not any(seen.retained for seen in watch.seen("telemetry"))


def test_values_stay_at_the_broker_for_those_who_come_later(open_broker: Broker) -> None:
    first = open_broker.watch()
    with playing(open_broker.port):
        online(first)
        open_broker.publish("set/temperature", "1.25")
        until(lambda: first.last("state/temperature") == "1.25", "the value is told", 1)
        late = open_broker.watch()
        until(lambda: late.last("state/temperature") and late.last("info"), "what is retained", 1)
        kept = {seen.topic: seen.payload for seen in late.seen() if seen.retained}
    assert kept["state/temperature"] == "1.25"
    assert kept["status"] == "online"


def test_what_a_broker_kept_sets_nothing(open_broker: Broker) -> None:
    open_broker.publish("set/temperature", "0.1", "-r")
    open_broker.publish("cmd/panic", "", "-r")
    open_broker.publish("cmd/go", "storm", "-r")
    watch = open_broker.watch()
    with playing(open_broker.port) as engine:
        online(watch)
        open_broker.publish("set/blend", "0.5", "-r")
        until(lambda: engine.counted("retained") == 3, "they are counted", 3)
        assert engine.asked == []
        assert watch.last("state/temperature") == "1.0"


@pytest.mark.parametrize(
    "payload",
    ["", "nan", "NaN", "inf", "-Infinity", "1e999", "{}", "null", "[]", "[[1]]", "much", "9" * 30, "1" * 5000],
)
def test_a_payload_that_is_no_value_sets_nothing(open_broker: Broker, payload: str) -> None:
    watch = open_broker.watch()
    with playing(open_broker.port) as engine:
        online(watch)
        open_broker.publish("set/temperature", payload)
        open_broker.publish("set/no_such", "1")
        open_broker.publish("cmd/temperature", "1")
        until(lambda: engine.counted("refused") == 3, "they are counted", 3)
        assert engine.asked == []


def test_a_huge_payload_costs_nothing(open_broker: Broker, tmp_path: Path) -> None:
    (tmp_path / "huge").write_bytes(b"[" * 1_000_000)
    watch = open_broker.watch()
    with playing(open_broker.port) as engine:
        online(watch)
        open_broker.publish("set/temperature", "1.1")
        for _ in range(3):
            open_broker.publish_file("set/temperature", tmp_path / "huge")
        open_broker.publish("set/temperature", "1.2")
        until(lambda: len(engine.asked) == 2, "what is right still arrives", 2)
        until(lambda: engine.counted("connections"), "it is counted", 2)
        assert engine.counted("connections") == 1


def test_only_who_logs_in_is_trusted(tmp_path: Path) -> None:
    for login, trusted in (((), False), ((USER, SECRET), True)):
        with broker(tmp_path, *login) as made:
            watch = made.watch()
            with playing(made.port, *login) as engine:
                online(watch)
                made.publish("cmd/stop", "")
                until(lambda: engine.asked, "it arrives", 1)
                assert engine.trusted == {trusted}


def test_a_killed_engine_is_offline_within_two_seconds(open_broker: Broker) -> None:
    watch = open_broker.watch()
    with playing(open_broker.port) as engine:
        online(watch)
        engine.end(signal.SIGKILL)
        until(lambda: watch.last("status") == "offline", "offline", 2)


def test_an_engine_that_ends_says_goodbye(open_broker: Broker) -> None:
    watch = open_broker.watch()
    with playing(open_broker.port) as engine:
        online(watch)
        began = time.monotonic()
        assert engine.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < 1
        until(lambda: watch.last("status") == "offline", "offline", 1)


def test_a_broker_that_was_killed_is_found_again(open_broker: Broker) -> None:
    watch = open_broker.watch()
    with playing(open_broker.port) as engine:
        online(watch)
        open_broker.stop()
        time.sleep(8)  # the pauses have become long
        open_broker.start()
        again = open_broker.watch()
        online(again)
        until(lambda: again.last("state/temperature") == "1.0", "all values are told anew", 1)
        open_broker.publish("set/temperature", "1.5")
        until(lambda: again.last("state/temperature") == "1.5", "it can be steered", 1)
        until(lambda: len(again.ages()) > 1, "telemetry", 3)
        assert max(again.ages()) < 1
        # Once what was lost, once what is wrong since, and once that all is well.
        assert [("trying on" in line) for line in engine.said] == [True, True, False]


@pytest.mark.parametrize("seconds", [0.4, 1.3, 1.8, 6.0])
def test_nothing_old_passes_a_broker_that_hung(open_broker: Broker, seconds: float) -> None:
    watch, panel = open_broker.watch(), open_broker.panel("set/temperature")

    def turn(lasting: float) -> None:
        end = time.monotonic() + lasting
        while time.monotonic() < end:
            panel.say(repr(time.time()))
            time.sleep(0.02)

    with playing(open_broker.port) as engine:
        online(watch)
        turn(1)
        open_broker.signal(signal.SIGSTOP)
        turn(seconds)
        told = len(watch.seen("telemetry"))
        open_broker.signal(signal.SIGCONT)
        turn(BACK)
        assert len(watch.seen("telemetry")) > told + 1
        assert max(watch.ages()) < 1
        assert max(engine.ages) < 1
        assert engine.ages[-1] < 0.2
        assert engine.counted("connections") == (1 if seconds < 2 else 2)
        assert watch.last("status") == "online"
        assert all("trying on" in line or "connected" in line for line in engine.said)


def test_a_broker_may_be_asked_for_its_certificate(tmp_path: Path) -> None:
    with broker(tmp_path, USER, SECRET, tls=True) as made:
        watch = made.watch()
        with playing(made.port, USER, SECRET, str(made.certificate)) as engine:
            online(watch)
            made.publish("set/temperature", "1.5")
            until(lambda: watch.last("state/temperature") == "1.5", "the value is told", 2)
            made.stop()
            made.start()
            until(lambda: engine.said and engine.said[-1].endswith("connected"), "it is found again", BACK)
        with playing(made.port, USER, SECRET, "/etc/ssl/certs/ca-certificates.crt") as stranger:
            until(lambda: any("certificate" in line.lower() for line in stranger.said), "it is refused", BACK)
            assert stranger.counted("connections") == 0


def test_a_password_that_changes_and_changes_back(tmp_path: Path) -> None:
    with broker(tmp_path, USER, SECRET) as made:
        watch = made.watch()
        with playing(made.port, USER, SECRET) as engine:
            online(watch)
            made.stop()
            made.change_password(OTHER)
            made.start()
            until(lambda: any("authorized" in line for line in engine.said), "it is said", BACK)
            time.sleep(4)
            assert sum("authorized" in line for line in engine.said) == 1
            made.stop()
            made.change_password(SECRET)
            made.start()
            online(made.watch())
            until(lambda: engine.said[-1].endswith("connected"), "it is said", 1)
