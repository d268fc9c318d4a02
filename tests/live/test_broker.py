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
from live.brokers import Broker, Program, Watch, broker, until

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


def online(watch: Watch, *, times: int = 1, seconds: float = BACK) -> float:
    """Wait for so many messages that are new and say online."""
    return until(
        lambda: [seen.payload for seen in watch.seen("status") if not seen.retained].count("online") >= times,
        seconds,
        "online",
    )


@pytest.fixture
def open_broker(tmp_path: Path) -> Iterator[Broker]:
    with broker(tmp_path) as made:
        yield made


def test_a_value_is_set_and_read_back(open_broker: Broker) -> None:
    watch = open_broker.watch()
    with playing(open_broker.port) as engine:
        online(watch)
        until(lambda: watch.last("state/temperature") == "1.0", 2, "all values are told")
        assert json.loads(watch.last("info") or "") == {"name": "stand-in"}
        open_broker.publish("set/temperature", "1.5")
        until(lambda: watch.last("state/temperature") == "1.5", 1, "the new value is told")
        open_broker.publish("set/p2/blend", ".25")
        open_broker.publish("set/run", "false")
        open_broker.publish("cmd/go", "storm")
        open_broker.publish("cmd/panic", "")
        until(lambda: len(engine.asked) == 5, 1, "everything arrives")
        assert engine.asked == [
            ("/engine/ctl/temperature", [1.5]),
            ("/engine/p2/ctl/blend", [0.25]),
            ("/engine/ctl/run", [False]),
            ("/engine/cue/go", ["storm"]),
            ("/engine/panic", []),
        ]
        until(lambda: watch.seen("telemetry"), 2, "telemetry")
        assert not any(seen.retained for seen in watch.seen("telemetry"))


def test_values_stay_at_the_broker_for_those_who_come_later(open_broker: Broker) -> None:
    first = open_broker.watch()
    with playing(open_broker.port):
        online(first)
        open_broker.publish("set/temperature", "1.25")
        until(lambda: first.last("state/temperature") == "1.25", 1, "the value is told")
        late = open_broker.watch()
        until(lambda: late.last("state/temperature") and late.last("info"), 1, "what is retained")
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
        until(lambda: engine.counted("retained") == 3, 3, "they are counted")
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
        until(lambda: engine.counted("refused") == 3, 3, "they are counted")
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
        until(lambda: len(engine.asked) == 2, 2, "what is right still arrives")
        until(lambda: engine.counted("connections"), 2, "it is counted")
        assert engine.counted("connections") == 1


def test_only_who_logs_in_is_trusted(tmp_path: Path) -> None:
    for login, trusted in (((), False), ((USER, SECRET), True)):
        with broker(tmp_path, *login) as made:
            watch = made.watch()
            with playing(made.port, *login) as engine:
                online(watch)
                made.publish("cmd/stop", "")
                until(lambda: engine.asked, 1, "it arrives")
                assert engine.trusted == {trusted}


def test_a_killed_engine_is_offline_within_two_seconds(open_broker: Broker) -> None:
    watch = open_broker.watch()
    with playing(open_broker.port) as engine:
        online(watch)
        engine.end(signal.SIGKILL)
        until(lambda: watch.last("status") == "offline", 2, "offline")


def test_an_engine_that_ends_says_goodbye(open_broker: Broker) -> None:
    watch = open_broker.watch()
    with playing(open_broker.port) as engine:
        online(watch)
        began = time.monotonic()
        assert engine.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < 1
        until(lambda: watch.last("status") == "offline", 1, "offline")


def test_a_broker_that_was_killed_is_found_again(open_broker: Broker) -> None:
    watch = open_broker.watch()
    with playing(open_broker.port) as engine:
        online(watch)
        open_broker.stop()
        time.sleep(8)  # the pauses have become long
        open_broker.start()
        again = open_broker.watch()
        online(again)
        until(lambda: again.last("state/temperature") == "1.0", 1, "all values are told anew")
        open_broker.publish("set/temperature", "1.5")
        until(lambda: again.last("state/temperature") == "1.5", 1, "it can be steered")
        until(lambda: len(again.ages()) > 1, 3, "telemetry")
        assert max(again.ages()) < 1
        # Once what was lost, once what is wrong since, and once that all is well.
        assert [("trying on" in line) for line in engine.said] == [True, True, False]


@pytest.mark.parametrize("seconds", [1.5, 6.0])
def test_nothing_old_passes_a_broker_that_hung(open_broker: Broker, seconds: float) -> None:
    watch, panel = open_broker.watch(), open_broker.panel("set/temperature")
    with playing(open_broker.port) as engine:
        online(watch)
        panel.say("0.5")
        until(lambda: len(engine.asked) == 1, 2, "it arrives")
        time.sleep(0.8)
        open_broker.signal(signal.SIGSTOP)
        time.sleep(0.2)
        for number in range(10):
            panel.say(f"1.{number}")
        time.sleep(seconds)
        told = len(watch.seen("telemetry"))
        open_broker.signal(signal.SIGCONT)
        until(lambda: len(watch.seen("telemetry")) > told + 1, BACK, "telemetry")
        assert max(watch.ages()) < 1
        assert len(engine.asked) == 1
        until(lambda: engine.counted("old") > 0 or seconds > 2, 2, "what is old is counted")
        panel.say("0.75")
        until(lambda: watch.last("state/temperature") == "0.75", 1, "it can be steered")
        assert watch.last("status") == "online"


def test_a_password_that_changes_and_changes_back(tmp_path: Path) -> None:
    with broker(tmp_path, USER, SECRET) as made:
        watch = made.watch()
        with playing(made.port, USER, SECRET) as engine:
            online(watch)
            made.stop()
            made.change_password(OTHER)
            made.start()
            until(lambda: any("authorized" in line for line in engine.said), BACK, "it is said")
            time.sleep(4)
            assert sum("authorized" in line for line in engine.said) == 1
            made.stop()
            made.change_password(SECRET)
            made.start()
            online(made.watch())
            until(lambda: engine.said[-1].endswith("connected"), 1, "it is said")
