"""Shows with an act of pictures, from the file to what leaves and what is shown, in virtual time."""

import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import dancers
import msgspec
import numpy as np
import pianos
import picture_models
import pytest
from scripted import Lines, Script, kept

from engine import assemble, pictures, steer
from engine.images.raster import Raster
from engine.inference.vet import load
from engine.motion.core20 import CORE20
from engine.open_images import open_images
from engine.runtime.clock import VirtualClock
from engine.runtime.target import Target
from engine.schema.controls import Controls, knobs, make_controls
from engine.schema.frame import U8, Frame, Image
from engine.schema.model import Size
from engine.schema.show import Act, Cue, Output, Settings, Show
from engine.takes.reader import Take

FPS = 30
SIZE = (16, 24)


class Screens:
    """Notes what is shown."""

    places = ("pictures at the wall",)

    def __init__(self) -> None:
        self.shown: list[tuple[int, int, bytes]] = []

    def show(self, image: Image, sequence: int, milliseconds: int) -> None:
        self.shown.append((sequence, milliseconds, image.pixels.tobytes()))

    def lines(self) -> Sequence[str]:
        return [f"wall: {len(self.shown)} pictures shown"]


class Evening(NamedTuple):
    frames: list[Frame]
    screens: Screens
    said: list[str]
    lines: list[str]

    @property
    def pixels(self) -> list[U8]:
        return [frame.image.pixels for frame in self.frames if frame.image is not None]


def written(*acts: Act, cues: Sequence[Cue] = (), **changes: Any) -> Show:
    return Show(
        settings=Settings(fps=FPS, seed=7, oscquery=0, go_gap=0.0),
        acts=acts,
        outputs=(Output(kind="native", port=9),),
        cues=tuple(cues),
        **{"screens": (), **changes},
    )


def play(show: Show, monkeypatch: pytest.MonkeyPatch, lines: Lines | None = None, seconds: float = 2) -> Evening:
    script, frames, screens, said = Script(lines or {}), list[Frame](), Screens(), list[str]()
    with monkeypatch.context() as patched:
        patched.setattr(steer, "Listener", lambda *_, **__: script)
        patched.setattr(pictures, "open_screens", lambda *_, **__: screens)
        patched.setattr(Target, "load", lambda _, frame: frames.append(kept(frame)))
        made = assemble.assemble(show, clock=VirtualClock(), say=said.append, seconds=seconds)
        script.errands = partial(_errands, made)
        made.stage.prime()
        made.stage.play(threading.Event())
        made.stage.close()
    return Evening(frames, screens, said, made.stage.summary().lines())


def _errands(made: assemble.Assembled) -> None:
    made.stage.run_errands()
    made.recording.turn()


@pytest.fixture
def latents(tmp_path: Path) -> str:
    return str(picture_models.latents_model(tmp_path / "latents.onnx", size=SIZE))


@pytest.fixture
def film(tmp_path: Path) -> str:
    return str(picture_models.frames_model(tmp_path / "film.onnx"))


def alone(model: str, *frames: Controls, seed: int = 7) -> list[bytes]:
    """The pictures of an act by itself, with these controls frame by frame."""
    act = open_images(load(model), device="cpu", seed=seed, fps=FPS)
    try:
        return [act.frame(controls, None, hold=False).pixels.tobytes() for controls in frames]
    finally:
        act.close()


def same(a: Sequence[U8], b: Sequence[bytes]) -> bool:
    return [pixels.tobytes() for pixels in a] == list(b)


@pytest.mark.parametrize("name", ["latents", "film"])
def test_pictures_alone_are_those_of_their_act(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = request.getfixturevalue(name)
    evening = play(written(Act(model=model, device="cpu")), monkeypatch)
    assert len(evening.frames) == 2 * FPS
    assert same(evening.pixels, alone(model, *[Controls()] * (2 * FPS)))
    assert len({pixels.tobytes() for pixels in evening.pixels}) > 10
    assert evening.screens.shown == [
        (frame.sequence, frame.milliseconds, pixels.tobytes())
        for frame, pixels in zip(evening.frames, evening.pixels, strict=True)
    ]
    assert all(frame.performers == () for frame in evening.frames)
