"""Shows with an act of pictures, from the file to what leaves and what is shown, in virtual time."""

import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pianos
import picture_models
import pytest
import toy
from scripted import Lines, Script, kept

from engine import assemble, pictures, steer
from engine.contracts import Loaded
from engine.images.raster import Raster
from engine.inference.vet import load
from engine.open_images import open_images
from engine.runtime.clock import VirtualClock
from engine.runtime.target import Target
from engine.schema.controls import Controls
from engine.schema.errors import ConfigError
from engine.schema.frame import U8, Frame, Image
from engine.schema.show import Act, Cue, Output, Settings, Show, Takes
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


def dance(folder: Path) -> Act:
    return Act(model=str(toy.write(folder / "toy.onnx")), device="cpu", performers=2)


@pytest.mark.parametrize("name", ["latents", "film"])
def test_bodies_are_drawn_in_step(
    name: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The picture of a frame is what the model makes of the silhouettes of the bodies of that very frame."""
    model = request.getfixturevalue(name)
    show = written(dance(tmp_path), Act(model=model, device="cpu", source="bodies?crop=0.5&thickness=2"))
    evening = play(show, monkeypatch)
    assert toy.SPEC.skeleton is not None
    act = open_images(load(model), device="cpu", seed=7, fps=FPS)
    raster = Raster(toy.SPEC.skeleton, act.size, crop=0.5, thickness=2.0)
    given = np.zeros((act.size.height, act.size.width), np.uint8)
    for frame in evening.frames:
        raster.draw(frame.pose.positions, given)
        assert frame.image is not None
        assert (frame.image.pixels == act.frame(Controls(), given, hold=False).pixels).all()
    act.close()
    assert given.any()
    assert not given.all()
    assert len({pixels.tobytes() for pixels in evening.pixels}) > 10


def test_pictures_beside_bodies_and_keys_change_neither(
    latents: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    piano = Act(model=str(pianos.tiny(tmp_path / "piano.onnx")), device="cpu")
    pictured = Act(model=latents, device="cpu")
    both = play(written(pictured, dance(tmp_path)), monkeypatch, seconds=1)
    danced = play(written(dance(tmp_path)), monkeypatch, seconds=1)
    keyed = play(written(pictured, piano), monkeypatch, seconds=1)
    every = play(written(piano, pictured, dance(tmp_path)), monkeypatch, seconds=1)
    lone = alone(latents, *[Controls()] * FPS)
    for evening in (both, keyed, every):
        assert same(evening.pixels, lone)
    for evening in (both, every):
        for frame, other in zip(evening.frames, danced.frames, strict=True):
            assert (frame.pose.positions == other.pose.positions).all()
    assert [frame.notes is None for frame in (both.frames[0], keyed.frames[0], every.frames[0])] == [True, False, False]


class Reel:
    def __init__(self, stack: U8) -> None:
        self._stack = stack

    def take(self, frame: int) -> U8:
        taken: U8 = self._stack[frame % len(self._stack)]
        return taken


def test_a_film_is_foreseen_frame_by_frame(film: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Picture n of the file is given for the model's frame n, and again from the first one after a new beginning."""
    stack = np.random.default_rng(5).integers(0, 255, (7, 16, 16), np.uint8)
    np.save(tmp_path / "film.npy", stack)
    monkeypatch.setattr(pictures, "open_feed", lambda *_, **__: Reel(stack))  # its thread knows no virtual time
    show = written(Act(model=film, device="cpu", source=str(tmp_path / "film.npy")))
    evening = play(show, monkeypatch, {30: [("/engine/reset", ())]})
    act, first = open_images(load(film), device="cpu", seed=7, fps=FPS), 0
    for number, pixels in enumerate(evening.pixels):
        if number == 30:
            act.restart()
        first = act.counters.frames if number in (0, 30) else first
        given = stack[(act.counters.frames - first) % 7]
        assert (pixels == act.frame(Controls(), given, hold=False).pixels).all(), number
    act.close()


@pytest.mark.parametrize("path", ["/engine/ctl/latent/3", "/engine/image/ctl/latent/3"])
def test_a_knob_acts_at_the_next_frame_alone_by_the_show_s_name_too(
    path: str, latents: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It slews by 2 a second."""
    show = written(Act(model=latents, device="cpu"))
    evening = play(show, monkeypatch, {30: [(path, (1.0,))]}, seconds=1.5)
    plain = alone(latents, *[Controls()] * 45)
    turned = [Controls(latent=(0.0, 0.0, 0.0, min(1.0, 2 * frame / FPS))) for frame in range(1, 16)]
    assert same(evening.pixels[:30], plain[:30])
    assert same(evening.pixels[30:], alone(latents, *[Controls()] * 30, *turned)[30:])
    assert evening.pixels[44].tobytes() != plain[44]
    first, last = evening.frames[29].image, evening.frames[44].image
    assert first is not None
    assert last is not None
    assert first.latent is not None
    assert last.latent is not None


def test_beside_bodies_each_has_knobs_of_its_own(latents: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    acts = (dance(tmp_path), Act(model=latents, device="cpu"))
    lines: Lines = {10: [("/engine/image/ctl/temperature", (0.0,))], 20: [("/engine/p1/ctl/temperature", (0.0,))]}
    evening, plain = play(written(*acts), monkeypatch, lines), play(written(*acts), monkeypatch)
    frozen = alone(latents, *[Controls()] * 10, *[Controls(temperature=0.0)] * 50)
    assert same(evening.pixels, frozen)
    differs = [
        (frame.pose.positions != other.pose.positions).any()
        for frame, other in zip(evening.frames, plain.frames, strict=True)
    ]
    assert not any(differs[:20])
    assert any(differs[20:])


def test_a_cue_scrubs_between_stored_poses(latents: str, monkeypatch: pytest.MonkeyPatch) -> None:
    posed = {"image/posed": 1.0, "pose_from": 1.0, "pose_to": 4.0, "scrub": 0.0}
    cues = (
        Cue(name="pose", controls=posed, transition=0),
        Cue(name="scrub", controls={"image/scrub": 1.0}, transition=1.0, curve="linear"),
    )
    show = written(Act(model=latents, device="cpu"), cues=cues)
    evening = play(show, monkeypatch, {5: [("/engine/cue/go", ("pose",))], 30: [("/engine/cue/next", ())]}, 2.5)
    poses = load(latents).arrays["poses"]
    shown = [frame.image.latent for frame in evening.frames if frame.image is not None]
    for frame, wanted in ((29, poses[1]), (45, (poses[1] + poses[4]) / 2), (74, poses[4])):
        latent = shown[frame]
        assert latent is not None
        np.testing.assert_allclose(latent, wanted, atol=0.06)


def test_a_cue_with_a_seed_begins_anew_every_night(latents: str, monkeypatch: pytest.MonkeyPatch) -> None:
    show = written(Act(model=latents, device="cpu"), cues=[Cue(name="again", seed=3, transition=0)])
    called = play(show, monkeypatch, {n: [("/engine/cue/go", ("again",))] for n in (13, 40)})
    assert same(called.pixels[13:40], alone(latents, *[Controls()] * 27, seed=3))
    assert same(called.pixels[40:], alone(latents, *[Controls()] * 20, seed=3))


def test_beside_bodies_a_cue_with_a_seed_begins_both_anew(
    latents: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts = (dance(tmp_path), Act(model=latents, device="cpu"))
    show = written(*acts, cues=[Cue(name="again", seed=3, transition=0)])
    called = play(show, monkeypatch, {n: [("/engine/cue/go", ("again",))] for n in (13, 40)})
    begun = [n for n, frame in enumerate(called.frames) if any(quality & 4 for quality in frame.quality)]
    pictured = alone(latents, *[Controls()] * 10, seed=3)
    starts = [n for n in range(50) if same(called.pixels[n : n + 10], pictured)]
    assert len(starts) == 2
    assert all(13 <= start < 20 or 40 <= start < 47 for start in starts)
    assert not begun or set(begun) & set(starts)


def test_a_hold_freezes_the_picture_and_a_panic_blackens_it(latents: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: Lines = {
        10: [("/engine/ctl/hold", (1,))],
        20: [("/engine/ctl/hold", (0,))],
        30: [("/engine/panic", ())],
        50: [("/engine/ctl/run", (1,))],
    }
    evening = play(written(Act(model=latents, device="cpu")), monkeypatch, lines, seconds=3)
    light = [int(pixels.sum()) for pixels in evening.pixels]
    assert len({pixels.tobytes() for pixels in evening.pixels[9:20]}) == 1
    assert evening.pixels[20].tobytes() != evening.pixels[9].tobytes()
    assert light[45] == light[49] == 0 < light[29]
    assert light[80] > 0.5 * light[29]


def test_another_model_takes_over_in_a_cross_fade(
    latents: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = str(picture_models.latents_model(tmp_path / "other.onnx", D=5, size=SIZE))
    lines: Lines = {0: [("/engine/model/crossfade", (0.5,))], 10: [("/engine/model/load", (other,))]}
    evening = play(written(Act(model=latents, device="cpu")), monkeypatch, lines)
    dims = [0 if f.image is None or f.image.latent is None else len(f.image.latent) for f in evening.frames]
    began = dims.index(5)
    old, new = alone(latents, *[Controls()] * 60), alone(other, *[Controls()] * 60)
    assert 10 <= began < 14
    assert same(evening.pixels[:began], old[:began])
    assert same(evening.pixels[began + 15 :], new[15 : 60 - began])
    between = evening.pixels[began + 7].tobytes()
    assert between not in (old[began + 7], new[7])
    mixed = np.frombuffer(old[began + 7], np.uint8) * 0.5 + np.frombuffer(new[7], np.uint8) * 0.5
    np.testing.assert_allclose(np.frombuffer(between, np.uint8), mixed, atol=1)


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ("size", "pictures of 8 x 16; expected 24 x 16, as those that are shown"),
        ("dance", "toy"),
        ("nothing", "no such file"),
    ],
)
def test_a_model_that_does_not_fit_is_refused_in_one_line(
    made: str, found: str, latents: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {
        "size": lambda: picture_models.latents_model(tmp_path / "other.onnx", size=(16, 8)),
        "dance": lambda: toy.write(tmp_path / "toy.onnx"),
        "nothing": lambda: tmp_path / "none.onnx",
    }[made]()
    show = written(Act(model=latents, device="cpu"))
    evening = play(show, monkeypatch, {10: [("/engine/model/load", (str(other),))]})
    assert same(evening.pixels, alone(latents, *[Controls()] * 60))
    refused = [line for line in evening.said if "is refused" in line]
    assert len(refused) == 1
    assert found in refused[0]
    assert refused[0].endswith("; tiny pictures keeps playing")


def refusal(show: Show, other: str, monkeypatch: pytest.MonkeyPatch, **spec: object) -> str:
    """Why another model, with another description, is refused while a show plays."""

    def described(path: str | Path) -> Loaded:
        loaded = load(path)
        return loaded._replace(spec=msgspec.structs.replace(loaded.spec, **spec))

    monkeypatch.setattr(pictures, "load", described)
    evening = play(show, monkeypatch, {10: [("/engine/model/load", (other,))]})
    (line,) = [line for line in evening.said if "is refused" in line]
    return line


def test_a_model_of_another_rate_does_not_take_over_where_a_film_is_read_at_this_one_s(
    film: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = np.zeros((7, 16, 16), np.uint8)
    np.save(tmp_path / "film.npy", stack)
    monkeypatch.setattr(pictures, "open_feed", lambda *_, **__: Reel(stack))
    other = picture_models.frames_model(tmp_path / "other.onnx")
    show = written(Act(model=film, device="cpu", source=str(tmp_path / "film.npy")))
    found = refusal(show, str(other), monkeypatch, fps=20.0)
    assert f"20 steps per second; expected 10, as often as {tmp_path / 'film.npy'} is read" in found


def test_a_model_of_black_figures_does_not_take_over_where_bodies_are_drawn_in_white(
    latents: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = picture_models.latents_model(tmp_path / "other.onnx", size=SIZE)
    settings = {**load(other).spec.settings, "figure": 0.0}
    show = written(dance(tmp_path), Act(model=latents, device="cpu", source="bodies"))
    found = refusal(show, str(other), monkeypatch, settings=settings)
    assert "figures black on white; expected white on black, as they are drawn" in found


def test_a_source_for_a_model_without_an_encoder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blind = str(picture_models.latents_model(tmp_path / "blind.onnx", size=SIZE, encoder=None))
    show = written(dance(tmp_path), Act(model=blind, device="cpu", source="bodies"))
    with pytest.raises(
        ConfigError, match=r"^acts\[1\]\.source: bodies; expected none: tiny pictures takes no pictures"
    ):
        play(show, monkeypatch)


def test_a_show_of_pictures_is_recorded_with_them(
    latents: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes = Takes(folder=str(tmp_path / "takes"), record=True)
    evening = play(written(Act(model=latents, device="cpu"), takes=takes), monkeypatch, seconds=1)
    [path] = sorted(Path(takes.folder).glob("*"))
    taken = [each.frame.image for each in Take(path).frames()]
    assert len(taken) == FPS
    for image, pixels in zip(taken, evening.pixels, strict=True):
        assert image is not None
        assert (image.pixels == pixels).all()
