"""Shows whose acts have maps: what is told of them, in which order, and that nothing else changes."""

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import path_models
import pianos
import picture_models
import pytest
import toy
from pythonosc.osc_bundle import OscBundle

from engine.assemble import assemble
from engine.contracts import Datagrams
from engine.runtime.clock import VirtualClock
from engine.schema.kinds import PathView
from engine.schema.show import Act, Output, Screen, Settings, Show
from engine.transport.udp import UdpSender

HERE = Output(kind="native", host="127.0.0.1", port=9)

ON_MAP = path_models.arrays(1, (2,))
"""Of the toy, whose memory stays zero."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Everything that leaves, in place of a network."""
    kept: list[bytes] = []

    def send(_sender: UdpSender, datagrams: Datagrams) -> int:
        kept.extend(map(bytes, datagrams))
        return len(datagrams)

    monkeypatch.setattr(UdpSender, "send", send)
    return kept


def play(*acts: Act, fps: float = 30, frames: int = 4, screens: tuple[Screen, ...] = ()) -> None:
    settings = Settings(seed=7, control=0, oscquery=0, fps=fps)
    show = Show(settings=settings, acts=acts, outputs=(HERE,), screens=screens)
    stage = assemble(show, clock=VirtualClock(), say=list[str]().append, seconds=frames / fps).stage
    stage.prime()
    stage.play(threading.Event())
    stage.close()


def told(sent: list[bytes]) -> list[tuple[str, list[float]]]:
    """Addresses that end in `path`, and what they carry, in the order in which they left."""
    bundles = [OscBundle(datagram) for datagram in sent if datagram.startswith(b"#bundle")]
    messages = [message for bundle in bundles for message in bundle]
    return [(message.address, message.params) for message in messages if message.address.endswith("/path")]


def dancers(folder: Path, performers: int = 2, view: PathView = "plain", **arrays: Any) -> Act:
    model = toy.write(folder / f"toy{len(arrays)}.onnx", **arrays)
    return Act(name="dance", model=str(model), device="cpu", performers=performers, path=view)


def test_each_frame_tells_of_all_who_have_a_map_bodies_first(tmp_path: Path, sent: list[bytes]) -> None:
    piano = pianos.tiny(tmp_path / "piano.onnx", arrays=path_models.arrays(pianos.HIDDEN, (3,), (2,)))
    width = picture_models.latent_weights(8).layers[0].recurrent.shape[1]
    pictures = picture_models.latents_model(tmp_path / "pictures.onnx", **path_models.arrays(width))
    keys = Act(name="grand", model=str(piano), device="cpu")
    images = Act(name="film", model=str(pictures), device="cpu")
    screen = Screen(kind="shm", host=f"paths-{os.getpid()}")
    play(images, dancers(tmp_path, **ON_MAP), keys, frames=4, screens=(screen,))
    names = [f"/engine/{name}/path" for name in ("dance", "p1", "p2", "grand", "film")]
    found = told(sent)
    assert [address for address, _ in found] == names * 4
    still = path_models.points(ON_MAP, toy.SPEC.state, [np.zeros((1, 1), np.float32)])[0].tolist()
    for address, values in found:
        assert len(values) == (3 if "grand" in address else 2)
        if address in names[:3]:
            assert values == pytest.approx(still, abs=1e-5)
    films = [values for address, values in found if "film" in address]
    assert np.ptp(films, axis=0).min() > 0.0


def test_a_lone_performer_is_the_act_s_at_any_rate(tmp_path: Path, sent: list[bytes]) -> None:
    play(dancers(tmp_path, 1, **ON_MAP), fps=50, frames=6)
    assert [address for address, _ in told(sent)] == ["/engine/dance/path"] * 6


def test_what_is_not_wanted_leaves_the_bytes_of_a_model_without_a_map(tmp_path: Path, sent: list[bytes]) -> None:
    play(dancers(tmp_path))
    plain = sent.copy()
    sent.clear()
    play(dancers(tmp_path, view="off", **ON_MAP))
    assert sent == plain
    assert told(sent) == []
