"""A show whose GPU, a stand-in, is lost while it plays."""

import threading
from pathlib import Path

import pytest
import toy
from stand_in import PROVIDER, StandIn

from engine.assemble import assemble
from engine.contracts import Datagrams
from engine.inference import open_cuda, open_model
from engine.inference.device import CPU, CUDA
from engine.runtime.clock import VirtualClock
from engine.schema.show import Act, Output, Settings, Show
from engine.transport.udp import UdpSender

LAST = 60
"""Frames before the GPU is lost."""


class Bus:
    """What the GPU hangs on."""

    def __init__(self) -> None:
        self.left: int | None = None

    def device(self) -> StandIn:
        return StandIn(self.check)

    def check(self, number: int) -> None:
        del number
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            raise RuntimeError("it fell off")


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    made = Bus()
    monkeypatch.setattr(open_model, "choose", lambda device: (CUDA, CPU) if device == "auto" else (CPU,))
    monkeypatch.setattr(open_cuda, "_opener", lambda: made.device)
    return made


def test_a_show_goes_on_without_its_gpu_and_says_so(tmp_path: Path, bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    sent, said = list[bytes](), list[str]()
    monkeypatch.setattr(UdpSender, "send", lambda _, datagrams: keep(sent, datagrams))
    model = toy.write(tmp_path / "toy.onnx")
    show = Show(
        settings=Settings(seed=7, control=0, oscquery=0),
        acts=(Act(model=str(model), device="auto", performers=2),),
        outputs=(Output(kind="native", host="127.0.0.1", port=9),),
    )
    stage = assemble(show, clock=VirtualClock(), say=said.append, seconds=4).stage
    stage.run_errands()
    assert said == [f"computed by {PROVIDER}"]
    bus.left = LAST
    stage.prime()
    stage.play(threading.Event())
    stage.run_errands()
    lost = f"{CPU}, as the GPU was lost: RuntimeError: it fell off"
    assert said == [f"computed by {PROVIDER}", f"computed by {lost}"]
    summary = stage.summary()
    stage.close()
    assert (summary.frames, summary.late, summary.skipped) == (4 * 30, 0, 0)
    assert summary.act.guarded == 0
    assert any(line.startswith(f"computed by {lost};") for line in summary.lines())
    status = [datagram for datagram in sent if b"/state/provider" in datagram]
    assert PROVIDER.encode() in status[0]
    assert lost.encode() in status[-1]


def keep(sent: list[bytes], datagrams: Datagrams) -> int:
    sent.extend(map(bytes, datagrams))
    return len(datagrams)
