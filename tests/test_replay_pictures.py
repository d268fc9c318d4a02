"""Takes of shows with an act of pictures: recorded, played again, computed again."""

import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import made_takes as made
import msgspec
import picture_models
import pytest
import test_pictures as shows
import toy
from scripted import Script, kept

from engine import assemble, pictures, replay, steer
from engine.replay import Asked, compare
from engine.runtime.clock import VirtualClock
from engine.runtime.target import Target
from engine.schema.errors import DataError
from engine.schema.frame import Frame
from engine.schema.show import Act, Output, Screen, Show, Takes
from engine.takes.facts import gather
from engine.takes.header import decode, encode
from engine.takes.reader import Take
from engine.transport.udp import UdpSender

HERE = (Output(kind="native", port=9),)


class Shown(NamedTuple):
    frames: list[Frame]
    screens: shows.Screens
    programme: Sequence[str]
    lines: list[str]

    @property
    def pixels(self) -> list[bytes]:
        return [frame.image.pixels.tobytes() for frame in self.frames if frame.image is not None]


@pytest.fixture(autouse=True)
def _whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Virtual time goes faster than any disk: what is played is read before."""
    monkeypatch.setattr(replay, "AHEAD", 5.0)
    monkeypatch.setattr(UdpSender, "send", lambda _, datagrams: len(datagrams))


def play(asked: Asked, monkeypatch: pytest.MonkeyPatch, most: int = 150) -> Shown:
    shown, screens = list[Frame](), shows.Screens()
    with monkeypatch.context() as patched:
        patched.setattr(replay, "open_screens", lambda *_, **__: screens)
        ready = replay.assemble(asked, clock=VirtualClock(), say=list[str]().append)

        def note(_target: Target, frame: Frame) -> None:
            shown.append(kept(frame))
            if len(shown) >= most:
                ready.stop.set()

        patched.setattr(Target, "load", note)
        ready.stage.prime()
        ready.stage.play(ready.stop)
        ready.stage.close()
    return Shown(shown[:-1], screens, ready.programme, ready.verdict.lines())


def recorded(folder: Path, *acts: Act, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, list[Frame]]:
    """The take of two seconds of a show, and its frames as they were sent."""
    frames: list[Frame] = []
    show = shows.written(*acts, takes=Takes(folder=str(folder), record=True))
    with monkeypatch.context() as patched:
        script = Script({})
        patched.setattr(steer, "Listener", lambda *_, **__: script)
        patched.setattr(pictures, "open_screens", lambda *_, **__: shows.Screens())
        patched.setattr(Target, "load", lambda _, frame: frames.append(kept(frame)))
        show_made = assemble.assemble(show, clock=VirtualClock(), say=list[str]().append, seconds=2)
        script.errands = partial(shows._errands, show_made)
        show_made.stage.prime()
        show_made.stage.play(threading.Event())
        show_made.stage.close()
    (path,) = folder.glob("*.mcap")
    return path, frames


@pytest.fixture
def painter(tmp_path: Path) -> Act:
    model = picture_models.latents_model(tmp_path / "latents.onnx", size=shows.SIZE)
    return Act(name="painter", model=str(model), device="cpu")


@pytest.fixture
def dancer(tmp_path: Path) -> Act:
    return Act(model=str(toy.write(tmp_path / "toy.onnx")), device="cpu", performers=2)


def test_a_show_of_pictures_is_recorded_and_shown_again(
    tmp_path: Path, painter: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, frames = recorded(tmp_path / "takes", painter, monkeypatch=monkeypatch)
    taken = [record.frame for record in Take(path).frames()]
    assert len(taken) == len(frames) == 60
    for one, two in zip(taken, frames, strict=True):
        assert one.image is not None
        assert two.image is not None
        assert two.image.latent is not None
        assert one.image.pixels.tobytes() == two.image.pixels.tobytes()
        assert one.image.latent is not None
        assert one.image.latent.tobytes() == two.image.latent.tobytes()
    facts = gather(path)
    assert (facts.pictures, facts.latent, facts.header.models[0].part) == (60, 8, "images")
    found = play(Asked(path, HERE), monkeypatch)
    assert found.pixels == [frame.image.pixels.tobytes() for frame in frames if frame.image is not None]
    assert [shown[2] for shown in found.screens.shown] == found.pixels
    assert [shown[0] for shown in found.screens.shown] == list(range(60))
    assert "pictures at the wall" in found.programme
    assert found.lines == ["wall: 60 pictures shown"]


def test_pictures_stay_with_their_bodies(
    tmp_path: Path, painter: Act, dancer: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, frames = recorded(tmp_path / "takes", dancer, painter, monkeypatch=monkeypatch)
    found = play(Asked(path, HERE), monkeypatch)
    for one, two in zip(found.frames, frames, strict=True):
        assert one.pose.positions.tobytes() == two.pose.positions.tobytes()
    assert found.pixels == [frame.image.pixels.tobytes() for frame in frames if frame.image is not None]
    half = play(Asked(path, HERE, speed=0.5), monkeypatch)
    whole = [two for two in found.pixels[:40] for _ in range(2)]
    assert half.pixels[:80] == whole


def test_bodies_are_computed_again_and_pictures_come_from_the_recording(
    tmp_path: Path, painter: Act, dancer: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, frames = recorded(tmp_path / "takes", dancer, painter, monkeypatch=monkeypatch)
    lines: list[str] = []
    assert compare(path, lines.append)
    assert lines == [
        "pictures are not computed again: they come from the recording",
        "60 frames, all equal bit for bit",
    ]
    found = play(Asked(path, HERE, regenerate=True), monkeypatch)
    assert found.pixels == [frame.image.pixels.tobytes() for frame in frames if frame.image is not None]


def test_pictures_alone_cannot_be_computed_again(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a take without bodies"):
        compare(made.film(tmp_path), list[str]().append)


def test_pictures_at_another_speed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made.film(tmp_path, 40)
    images = [made.painted(number).frame.image for number in range(40)]
    wanted = [image.pixels.tobytes() for image in images if image is not None]
    assert play(Asked(path, HERE, speed=2.0), monkeypatch).pixels == wanted[::2]
    assert play(Asked(path, HERE, loop=True), monkeypatch, 91).pixels == [*wanted, *wanted, *wanted[:10]]


def test_a_take_without_pictures_opens_no_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = play(Asked(made.make(tmp_path, 10), HERE, screens=None), monkeypatch)
    assert found.screens.shown == []
    assert all("pictures" not in line for line in found.programme)


def test_headers_keep_the_screens_of_their_show() -> None:
    screens = (Screen(kind="mjpeg", port=9103, scale="640x480", colormap="ink"), Screen(kind="shm", host="figurant"))
    outputs = (Output(kind="midi", host="FLUID Synth"),)
    header = msgspec.structs.replace(made.PAINTED, show=Show(screens=screens, outputs=outputs))
    found = decode(encode(header)).show
    assert (found.screens, found.outputs) == (screens, outputs)
