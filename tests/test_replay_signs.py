"""A show that reads signs, recorded and replayed: the same datagrams, each label once, told to everybody who steers."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
import sign_models
import toy
from outputs import reference as osc
from outputs.reference import plain
from scripted import Script

from engine import assemble, replay, steer
from engine.contracts import Datagrams
from engine.controls.news import News, Outlet
from engine.regenerate import Again
from engine.replay import Asked
from engine.runtime.clock import VirtualClock
from engine.schema.show import Act, Output, Settings, Show, Takes
from engine.takes.facts import gather
from engine.transport.udp import UdpSender

HERE = (Output(kind="native", port=9),)
SPELLED = ("apple", "boat", "drum", "apple")


class Live(NamedTuple):
    """What left of a show, and its take."""

    sent: list[bytes]
    path: Path


def frames(datagrams: Sequence[bytes]) -> list[bytes]:
    """Without what is told now and then."""
    return [each for each in datagrams if b"/engine/state/" not in each and b"performers" not in each]


def labels(datagrams: Sequence[bytes]) -> list[str]:
    heard = [message for each in datagrams for message in osc.read(each)]
    return [message.params[0] for message in heard if message.address == "/engine/sign/label"]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What leaves, in place of a network."""
    found: list[bytes] = []

    def send(_sender: UdpSender, datagrams: Datagrams) -> int:
        found.extend(plain(datagrams))
        return len(datagrams)

    monkeypatch.setattr(UdpSender, "send", send)
    monkeypatch.setattr(replay, "AHEAD", 10.0)  # virtual time goes faster than any disk
    return found


@pytest.fixture
def reader(tmp_path: Path) -> Act:
    """An act that reads four recorded signs."""
    rows = [
        ",".join([word, *(f"{value:.6f}" for value in sample)])
        for word in SPELLED
        for sample in [*sign_models.sign(word), *sign_models.resting(20)]
    ]
    source = tmp_path / "signs.csv"
    source.write_text("\n".join([",".join(["label", *sign_models.CHANNELS]), *rows]) + "\n")
    model = sign_models.signs_model(tmp_path / "signs.onnx")
    return Act(name="reader", model=str(model), device="cpu", source=str(source))


@pytest.fixture
def record(tmp_path: Path, sent: list[bytes], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Live]:
    def play(*acts: Act, watch: Callable[[News], object] = bool, seconds: float = 3) -> Live:
        show = Show(
            settings=Settings(fps=30, seed=7, oscquery=0),
            acts=acts,
            outputs=HERE,
            takes=Takes(folder=str(tmp_path / "takes"), record=True),
        )
        script, post = Script({}), Outlet.post
        monkeypatch.setattr(Outlet, "post", lambda outlet, news: (watch(news), post(outlet, news)))
        monkeypatch.setattr(steer, "Listener", lambda *_, **__: script)
        made = assemble.assemble(show, clock=VirtualClock(), say=list[str]().append, seconds=seconds)

        def errands() -> None:
            made.stage.run_errands()
            made.recording.turn()

        script.errands = errands
        made.stage.prime()
        made.stage.play(threading.Event())
        made.stage.close()
        (path,) = (tmp_path / "takes").glob("*.mcap")
        found = Live(frames(sent), path)
        sent.clear()
        return found

    return play


def again(path: Path, sent: list[bytes], *, regenerate: bool = False) -> list[bytes]:
    """What leaves of a replay."""
    ready = replay.assemble(Asked(path, HERE, regenerate=regenerate), clock=VirtualClock(), say=list[str]().append)
    ready.stage.prime()
    ready.stage.play(ready.stop)
    ready.stage.close()
    return frames(sent)


def test_a_show_of_signs_is_recorded_and_its_replay_sends_the_same_bytes(
    record: Callable[..., Live], reader: Act, sent: list[bytes]
) -> None:
    live = record(reader, seconds=6)
    assert labels(live.sent) == [*SPELLED]
    facts = gather(live.path)
    assert (facts.frames, facts.signals) == (180, {"sign/probabilities": 5})
    assert facts.signs == {"apple": 2, "boat": 1, "drum": 1}
    assert again(live.path, sent) == live.sent


def test_beside_a_dance_signs_come_from_the_recording_and_bodies_are_computed_again(
    tmp_path: Path, record: Callable[..., Live], reader: Act, sent: list[bytes]
) -> None:
    dancer = Act(model=str(toy.write(tmp_path / "toy.onnx")), device="cpu", performers=2)
    live = record(dancer, reader)
    assert labels(live.sent) == [*SPELLED[:2]]
    assert any("signs are not read again" in line for line in Again(live.path).remarks)
    assert again(live.path, sent, regenerate=True) == live.sent


def test_signs_are_news_for_everybody_who_steers(record: Callable[..., Live], reader: Act) -> None:
    told: list[News] = []
    record(reader, watch=lambda news: told.append(news) if news.event else None)
    assert [(news.address, news.arguments[0]) for news in told] == [
        ("/engine/sign/label", word) for word in SPELLED[:2]
    ]
    assert all(0.5 <= float(news.arguments[1] or 0) <= 1 for news in told)
