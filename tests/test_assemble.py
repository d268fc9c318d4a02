"""From a show to a stage: what fits and what does not."""

import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import toy

from engine.assemble import Assembled, assemble
from engine.contracts import Datagrams
from engine.faults import faults
from engine.inference.onnx_model import OnnxModel
from engine.runtime.clock import VirtualClock
from engine.schema.controls import Controls
from engine.schema.errors import ConfigError, EngineError, ModelError
from engine.schema.show import Act, Cue, Mapping, Midi, Output, Performer, Settings, Show
from engine.targets import receivers
from engine.transport.udp import UdpSender

HERE = Output(kind="native", host="127.0.0.1", port=9)

NOWHERE = Output(kind="native", host="a..b", port=1)
"""A name with an empty part, which no resolver is ever asked for."""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return toy.write(tmp_path / "toy.onnx")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Everything that leaves, in place of a network."""
    kept: list[bytes] = []

    def send(_sender: UdpSender, datagrams: Datagrams) -> int:
        kept.extend(map(bytes, datagrams))
        return len(datagrams)

    monkeypatch.setattr(UdpSender, "send", send)
    return kept


def written(model: Path, seed: int = 7, **act: object) -> Show:
    cast = msgspec.structs.replace(Act(model=str(model), device="cpu"), **act)
    return Show(settings=Settings(seed=seed, control=0, oscquery=0), acts=(cast,), outputs=(HERE,))


def ready(show: Show, seconds: float | None = None, said: list[str] | None = None) -> Assembled:
    return assemble(show, clock=VirtualClock(), say=([] if said is None else said).append, seconds=seconds)


def play(show: Show, seconds: float, said: list[str] | None = None) -> None:
    stage = ready(show, seconds, said).stage
    stage.prime()
    stage.play(threading.Event())
    stage.close()


def test_the_same_show_gives_the_same_bytes_twice(model: Path, sent: list[bytes]) -> None:
    play(written(model, performers=2), 10)
    first = sent.copy()
    sent.clear()
    play(written(model, performers=2), 10)
    assert sent == first
    assert len(sent) > 2 * 300
    sent.clear()
    play(written(model, seed=8, performers=2), 10)
    assert sent != first


def test_the_rate_is_the_models_own_unless_it_is_given(model: Path) -> None:
    show = written(model)
    for fps, expected in ((None, 30), (60, 60)):
        settings = Settings(fps=fps, control=0, oscquery=0)
        assembled = ready(msgspec.structs.replace(show, settings=settings))
        assembled.stage.close()
        assert assembled.fps == expected
    assert [billed.loaded.spec for billed in assembled.acts] == [toy.SPEC]
    assert assembled.stage.summary().provider == "CPUExecutionProvider"


@pytest.mark.parametrize(
    ("controls", "found"),
    [
        (Controls(condition=2), r"act\.controls\.condition: 2; expected a condition of the model \(0 calm, 1 wild\)"),
        (Controls(temperature=1.7), r"act\.controls\.temperature: 1\.7; expected a number from 0 to 1\.5"),
    ],
)
def test_a_control_beyond_the_model_is_refused(tmp_path: Path, controls: Controls, found: str) -> None:
    narrow = tuple(msgspec.structs.replace(item, high=min(item.high, 1.5)) for item in toy.SPEC.controls[:1])
    model = toy.write(tmp_path / "narrow.onnx", msgspec.structs.replace(toy.SPEC, controls=narrow))
    with pytest.raises(ConfigError, match=found):
        ready(written(model, controls=controls))


@pytest.mark.parametrize(
    "primes",
    [
        np.zeros((1, 4, 5, 3), np.float32),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((1, 4, 4, 3), np.int64),
        np.zeros((1, 2, 4, 3), np.float32),
        np.zeros((0, 4, 4, 3), np.float32),
        np.full((1, 4, 4, 3), np.nan, np.float32),
    ],
)
def test_primes_that_do_not_fit_are_refused(tmp_path: Path, primes: np.ndarray) -> None:
    model = toy.write(tmp_path / "toy.onnx", primes=primes)
    with pytest.raises(ModelError, match="primes"):
        ready(written(model))


@pytest.mark.parametrize("speed", [None, "slow", -1, float("inf"), float("nan"), True])
def test_a_freeze_speed_that_is_none_is_refused(tmp_path: Path, speed: float | str | None) -> None:
    settings = {} if speed is None else {"freeze_speed": speed}
    model = toy.write(tmp_path / "toy.onnx", msgspec.structs.replace(toy.SPEC, settings=settings))
    with pytest.raises(ModelError, match=r"freeze_speed|metadata|spec"):
        ready(written(model))


def test_a_family_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    model = toy.write(tmp_path / "toy.onnx", msgspec.structs.replace(toy.SPEC, family="pointz"))
    with pytest.raises(ConfigError, match=r"no such kind 'pointz' \(did you mean 'points'"):
        ready(written(model))


def test_what_was_opened_is_closed_when_something_fails(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    for kind in (UdpSender, OnnxModel):
        monkeypatch.setattr(kind, "close", _noting(kind.close, closed))
    show = msgspec.structs.replace(written(model), outputs=(HERE, NOWHERE))
    with pytest.raises(EngineError, match=r"a\.\.b"):
        ready(show)
    assert closed[-2:] == ["UdpSender", "OnnxModel"]


def _noting(close: Callable[[Any], None], closed: list[str]) -> Callable[[Any], None]:
    def noting(self: object) -> None:
        closed.append(type(self).__name__)
        close(self)

    return noting


def test_every_fault_of_a_show_is_found(tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"no model")
    show = msgspec.structs.replace(written(tmp_path / "bad.onnx"), outputs=(HERE, NOWHERE))
    found = [str(fault) for fault in faults(show)]
    assert len(found) == 2
    assert found[0].startswith(str(tmp_path / "bad.onnx"))
    assert found[1].startswith("outputs[1]: a..b:1")


def test_a_good_show_has_no_faults(model: Path) -> None:
    assert faults(written(model)) == []


def test_each_performer_has_a_port_of_its_own_where_a_protocol_carries_one(model: Path) -> None:
    avatars = Output(kind="vmc", port=39539, every=2)
    two = Output(kind="vmc", port=40000, performer=(3, 1))
    show = msgspec.structs.replace(written(model, performers=3), outputs=(HERE, avatars, two))
    found = [(each.kind, each.port, each.performer, each.every) for each in receivers(show, 3)]
    assert found == [
        ("native", 9, (), 1),
        ("vmc", 39539, (1,), 2),
        ("vmc", 39540, (2,), 2),
        ("vmc", 39541, (3,), 2),
        ("vmc", 40000, (3,), 1),
        ("vmc", 40001, (1,), 1),
    ]


def test_ports_end_somewhere(model: Path) -> None:
    show = msgspec.structs.replace(written(model, performers=3), outputs=(Output(kind="vmc", port=65534),))
    with pytest.raises(ConfigError, match=r"vmc://127\.0\.0\.1:65534: 3 performers .*expected ports up to 65535"):
        receivers(show, 3)
    assert [fault.place for fault in faults(show)] == ["vmc://127.0.0.1:65534"]


@pytest.mark.parametrize(("kind", "port"), [("native", 9101), ("vmc", 9100)])
def test_a_show_does_not_send_to_where_it_listens(model: Path, kind: str, port: int) -> None:
    quiet = msgspec.structs.replace(written(model, performers=2), outputs=(Output(kind=kind, port=port),))
    assert receivers(quiet, 2)
    elsewhere = Output(kind=kind, host="192.168.1.20", port=port)
    assert receivers(msgspec.structs.replace(quiet, settings=Settings(), outputs=(elsewhere,)), 2)
    with pytest.raises(ConfigError, match=rf"{kind}://127\.0\.0\.1:9101: the port for requests to this show"):
        receivers(msgspec.structs.replace(quiet, settings=Settings()), 2)


def test_a_show_whose_port_for_controls_is_taken_is_played_all_the_same(model: Path, sent: list[bytes]) -> None:
    said: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        settings = Settings(seed=7, control=other.getsockname()[1], oscquery=0)
        play(msgspec.structs.replace(written(model), settings=settings), 1, said)
    (line,) = said
    assert line.startswith(f"nothing can be asked of this show over OSC: 127.0.0.1:{settings.control}: a port that")
    assert sent


def test_a_midi_mapping_that_makes_no_sense_is_a_fault(model: Path) -> None:
    show = msgspec.structs.replace(written(model), midi=(Midi(port="nano", map=(Mapping(to="colour", note=3),)),))
    (fault,) = faults(show)
    assert fault.place == "midi[0].map[0].to"
    with pytest.raises(ConfigError, match="colour"):
        ready(show)


def test_a_model_of_a_cue_is_looked_into(model: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"no model")
    cues = (Cue(name="a"), Cue(name="b", model=str(tmp_path / "bad.onnx")))
    (fault,) = faults(msgspec.structs.replace(written(model), cues=cues))
    assert fault.place.startswith("cues[1].model: ")


def test_a_control_of_a_cue_is_checked_too(model: Path) -> None:
    for cue in (
        Cue(name="a", controls={"condition": 2}),
        Cue(name="a", performer=(Performer(number=1, controls={"condition": 2}),)),
    ):
        with pytest.raises(ConfigError, match=r"cues\[0\]\..*condition: 2; expected a condition of the model"):
            ready(msgspec.structs.replace(written(model), cues=(cue,)))


def test_a_control_of_one_performer_is_checked_too(model: Path) -> None:
    show = written(model, performer=(Performer(number=1, controls={"condition": 2}),))
    with pytest.raises(ConfigError, match=r"act\.performer\[0\]\.controls\.condition: 2"):
        ready(show)
