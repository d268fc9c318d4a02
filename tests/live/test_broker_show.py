"""A whole show and a real Mosquitto: it is steered, and whatever happens to the broker, no frame is late."""

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from live.brokers import Broker, Watch, broker
from live.paced import in_time, paced, whole
from live.steered import Steered, playing, until

pytestmark = [pytest.mark.live, pytest.mark.broker]

USER, SECRET, OTHER = "show", "secret", "changed"

BACK = 5.0
"""Seconds after which the show must be at the broker again."""

CUES = """
[[cues]]
name = "storm"
controls = { temperature = 1.7 }
transition = 0.2
"""


def table(made: Broker, *login: str) -> str:
    """The table of a show that knows the broker."""
    words = {"user": json.dumps(login[0]), "password": json.dumps(login[1])} if login else {}
    lines = [f"{name} = {word}" for name, word in {"host": '"127.0.0.1"', "port": made.port, **words}.items()]
    return "\n".join([CUES, "[mqtt]", *lines])


def telling(watch: Watch, topic: str, payload: str) -> Callable[[], bool]:
    return lambda: watch.last(topic) == payload


def test_a_broker_steers_a_show(tmp_path: Path) -> None:
    with broker(tmp_path, USER, SECRET) as made, playing(tmp_path, table(made, USER, SECRET)) as show:
        watch = made.watch()
        until(telling(watch, "status", "online"), "not online")
        until(telling(watch, "state/temperature", "1.0"), "no values")
        for payload, expected in (("0.25", "0.25"), ("7", "2.0"), ("nan", "2.0"), ("0.5", "0.5")):
            made.publish("set/temperature", payload)
            until(telling(watch, "state/temperature", expected), f"{payload} is not told as {expected}")
            assert show.value("temperature") == float(expected)
        made.publish("cmd/go", "storm")
        until(telling(watch, "state/temperature", "1.7"), "no storm")
        until(lambda: json.loads(watch.last("telemetry") or "{}").get("cue") == "storm", "the cue is not told")
        made.publish("cmd/panic", "")
        until(telling(watch, "state/run", "0"), "no panic")
        info = json.loads(watch.last("info") or "{}")
        assert {"name", "version", "model", "fps", "credit", "parameters"} <= set(info)
        made.publish("cmd/stop", "")
        assert show.engine.wait(5) == 0
        until(telling(watch, "status", "offline"), "no goodbye")


def test_without_a_login_only_performance_values_are_taken(tmp_path: Path) -> None:
    with broker(tmp_path) as made, playing(tmp_path, table(made)) as show:
        watch = made.watch()
        until(telling(watch, "status", "online"), "not online")
        for elsewhere in ("figurant/other", "other/stage", "stage", "figurant/stage/state", "figurant"):
            made.publish("set/temperature", "0.25", base=elsewhere)
            made.publish("cmd/panic", "", base=elsewhere)
        made.publish("cmd/load", "dance")
        made.publish("cmd/stop", "")
        made.publish("set/temperature", "0.5")
        until(telling(watch, "state/temperature", "0.5"), "deaf")
        time.sleep(1)
        assert show.engine.poll() is None
        assert watch.last("status") == "online"
        told = {seen.payload for seen in watch.seen("state/temperature") if not seen.retained}
        assert told <= {"1.0", "0.5"}
        assert watch.last("state/run") == "1"


def test_a_killed_show_is_offline_within_two_seconds(tmp_path: Path) -> None:
    with broker(tmp_path) as made, playing(tmp_path, table(made)) as show:
        watch = made.watch()
        until(telling(watch, "status", "online"), "not online")
        show.engine.kill()
        until(telling(watch, "status", "offline"), "not offline", 2)


def killed(made: Broker) -> None:
    made.stop()
    time.sleep(3)
    made.start()


def frozen(made: Broker) -> None:
    made.signal(signal.SIGSTOP)
    time.sleep(5)
    made.signal(signal.SIGCONT)


def restarted(made: Broker) -> None:
    made.stop(signal.SIGTERM)
    made.start()


def locked_out(made: Broker) -> None:
    made.stop()
    made.change_password(OTHER)
    made.start()
    time.sleep(3)
    made.stop()
    made.change_password(SECRET)
    made.start()


@paced
@pytest.mark.parametrize("trouble", [killed, frozen, restarted, locked_out])
def test_no_trouble_of_a_broker_makes_a_frame_late(tmp_path: Path, trouble: Callable[[Broker], None]) -> None:
    with broker(tmp_path, USER, SECRET) as made, playing(tmp_path, table(made, USER, SECRET)) as show:
        first = made.watch()
        until(telling(first, "status", "online"), "not online")
        time.sleep(2)
        trouble(made)
        back = time.time()
        watch = made.watch()
        until(lambda: any(seen.at > back and not seen.retained for seen in watch.seen("telemetry")), "not back", BACK)
        made.publish("set/temperature", "0.5")
        until(telling(watch, "state/temperature", "0.5"), "deaf", 2)
        time.sleep(1.5)
        assert max(first.ages() + watch.ages()) < 1
        untouched(show)


def untouched(show: Steered) -> None:
    """Nobody in the audience has noticed anything."""
    frames = show.frames().numbers
    whole(frames.tolist())
    in_time(show.late(), len(frames))
    assert show.heard("/engine/state/skipped")[-1] == [0.0]
