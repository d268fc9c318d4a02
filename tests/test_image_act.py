"""Places in time, darkness and stillness of an act of pictures, with a model that shows nothing but where it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
import path_models
import picture_models
import pytest

from engine.contracts import Counters
from engine.families.latents import Latents
from engine.image_act import ImageAct
from engine.inference.vet import load
from engine.open_images import open_images
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32, U8, Image
from engine.schema.kinds import PathView
from engine.schema.model import ModelSpec

SIZE = 4, 6
PLAIN = Controls()
FPS = picture_models.FPS
VIEWS: tuple[PathView, PathView] = ("plain", "off")


@dataclass
class Counting:
    """A model whose latent is its place in time, and whose pictures are white."""

    spec: ModelSpec = field(default_factory=lambda: picture_models.frames_spec(SIZE))
    poses: int = 3
    takes: bool = True
    provider: str = "nothing"
    counters: Counters = field(default_factory=lambda: Counters(guarded=2))
    frames: int = 0
    seeds: list[int] = field(default_factory=list)
    heard: list[U8 | None] = field(default_factory=list)
    shown: list[U8 | None] = field(default_factory=list)
    closed: int = 0

    def advance(self, controls: Controls, given: U8 | None) -> None:  # noqa: ARG002
        self.frames += 1
        self.heard.append(given)

    def image(self, phase: float, controls: Controls, given: U8 | None = None) -> Image:  # noqa: ARG002
        assert 0.0 <= phase <= 1.0
        self.shown.append(given)
        return Image(np.full(SIZE, 255, np.uint8), np.array([self.frames - 1 + phase], np.float32))

    def state(self) -> tuple[F32, ...]:
        return (np.full((1, 1, 3), self.frames, np.float32),)

    def hidden(self, numbers: Sequence[int]) -> Sequence[F32]:
        return [self.state()[number] for number in numbers]

    def reseed(self, seed: int) -> None:
        self.seeds.append(seed)

    def restart(self, seed: int) -> None:
        self.frames = 0
        self.seeds.append(seed)

    def close(self) -> None:
        self.closed += 1


def act(fps: float, imagery: Counting | None = None) -> ImageAct:
    return ImageAct(imagery or Counting(), fps=fps, seed=7)


def places(playing: ImageAct, frames: int, controls: Controls = PLAIN, *, hold: bool = False) -> list[float]:
    """Where the model's time stands in each frame."""
    found = []
    for _ in range(frames):
        latent = playing.frame(controls, None, hold=hold).latent
        assert latent is not None
        found.append(float(latent[0]))
    return found


@pytest.mark.parametrize("fps", [10.0, 25.0, 29.97, 30.0, 60.0, 7.0])
def test_the_models_time_goes_on_evenly(fps: float) -> None:
    np.testing.assert_allclose(places(act(fps), 200), 1.0 + np.arange(200) * FPS / fps, rtol=1e-6)


def test_at_the_models_own_rate_all_frames_are_the_models_own() -> None:
    assert places(act(FPS), 20) == [1.0 + frame for frame in range(20)]


def test_at_thirty_one_in_three_is_the_models_own_after_any_time() -> None:
    imagery = Counting()
    found = places(act(30.0, imagery), 30_001)
    assert found[::3][-1] == 10_001.0
    assert imagery.frames == 10_001


@pytest.mark.parametrize("speed", [0.25, 0.333, 1.7, 4.0])
def test_the_speed_stretches_time(speed: float) -> None:
    found = places(act(30.0), 100, Controls(speed=speed))
    np.testing.assert_allclose(found, 1.0 + np.arange(100) * round(speed, 4) / 3.0, rtol=1e-5)


def test_held_time_stands_still_and_goes_on_from_there() -> None:
    playing = act(30.0)
    before = places(playing, 8)[-1]
    assert places(playing, 50, hold=True) == [before] * 50
    assert places(playing, 1)[0] == pytest.approx(before + 1 / 3)


def test_held_from_the_beginning_there_is_a_picture() -> None:
    assert places(act(30.0), 3, hold=True) == [1.0] * 3


def test_what_is_given_is_heard_by_frames_and_pictures_unless_they_are_held() -> None:
    imagery, picture = Counting(), np.zeros(SIZE, np.uint8)
    playing = act(20.0, imagery)
    for _ in range(4):
        playing.frame(PLAIN, picture, hold=False)
    playing.frame(PLAIN, picture, hold=True)
    assert [each is not None for each in imagery.heard] == [True] * 3
    assert [each is not None for each in imagery.shown] == [True] * 4 + [False]


def test_the_picture_turns_black_within_half_a_second_and_comes_back() -> None:
    imagery = Counting()
    playing, stopped = act(30.0, imagery), Controls(run=0)
    assert playing.frame(PLAIN, None, hold=False).pixels.mean() == 255
    going = [playing.frame(stopped, None, hold=False).pixels.mean() for _ in range(15)]
    assert going == sorted(going, reverse=True)
    assert going[0] > 200
    assert going[-1] == 0
    frames = imagery.frames
    assert [playing.frame(stopped, None, hold=False).pixels.max() for _ in range(100)] == [0] * 100
    assert imagery.frames == frames
    coming = [playing.frame(PLAIN, None, hold=False).pixels.mean() for _ in range(15)]
    assert coming == sorted(coming)
    assert coming[-1] == 255
    assert imagery.frames > frames


def test_an_act_that_begins_stopped_is_black_in_the_end() -> None:
    playing = act(30.0)
    assert [playing.frame(Controls(run=0), None, hold=False).pixels.max() for _ in range(40)][15:] == [0] * 25


def test_begun_anew_it_stands_at_the_beginning_with_the_last_seed() -> None:
    imagery = Counting()
    playing = act(30.0, imagery)
    first = places(playing, 20)
    places(playing, 20, Controls(run=0))
    playing.restart()
    assert places(playing, 20) == first
    playing.reseed(11)
    playing.restart()
    assert imagery.seeds == [7, 11, 11]


def test_it_says_what_the_model_says() -> None:
    imagery = Counting()
    playing = act(30.0, imagery)
    assert (playing.poses, playing.takes, playing.provider) == (3, True, "nothing")
    assert (playing.size.height, playing.size.width) == SIZE
    assert playing.counters == Counters(guarded=2)
    playing.close()
    assert imagery.closed == 1


def test_a_model_without_a_size_makes_no_act() -> None:
    bare = msgspec.structs.replace(picture_models.frames_spec(SIZE), image=None)
    with pytest.raises(ValueError, match="size"):
        act(30.0, Counting(bare))


def mapped(folder: Path, fps: float, view: PathView = "plain") -> tuple[ImageAct, path_models.Arrays]:
    """Latent pictures with a map that the tensors of the last layer are on, and the arrays of its encoder."""
    width = picture_models.latent_weights(8).layers[-1].recurrent.shape[1]
    last = len(load(picture_models.latents_model(folder / "plain.onnx")).spec.state) - 2
    arrays = path_models.arrays(width, numbers=(last,))
    loaded = load(picture_models.latents_model(folder / "mapped.onnx", **arrays))
    return open_images(loaded, device="cpu", seed=7, fps=fps, view=view), arrays


@pytest.mark.parametrize("fps", [FPS, 2 * FPS, 2.5 * FPS])
def test_where_the_memory_is_goes_straight_from_frame_to_frame_of_the_model(tmp_path: Path, fps: float) -> None:
    playing, arrays = mapped(tmp_path, fps)
    imagery, known = playing._imagery, list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]]()
    assert isinstance(imagery, Latents)

    def note() -> None:
        known.append(path_models.points(arrays, playing.spec.state, imagery.state())[0])

    note()
    for number in range(30):
        frames = playing.counters.frames
        playing.frame(PLAIN, None, hold=False)
        if playing.counters.frames > frames:
            note()
        place = 1.0 + number * FPS / fps
        whole = min(int(place), len(known) - 2)
        share = place - whole
        assert playing.path is not None
        np.testing.assert_allclose(playing.path, known[whole] * (1 - share) + known[whole + 1] * share, atol=1e-5)
    assert np.ptp(known, axis=0).min() > 1e-3


def test_it_stays_while_time_stands_still_and_is_the_same_again(tmp_path: Path) -> None:
    playing, _ = mapped(tmp_path, 2.5 * FPS)

    def found(*, hold: bool = False) -> F32:
        playing.frame(PLAIN, None, hold=hold)
        assert playing.path is not None
        return playing.path.copy()

    first = [found() for _ in range(8)]
    for _ in range(3):
        np.testing.assert_array_equal(found(hold=True), first[-1])
    playing.restart()
    np.testing.assert_array_equal([found() for _ in range(8)], first)


def test_without_a_map_or_a_wish_for_it_there_is_no_path(tmp_path: Path) -> None:
    assert act(FPS).path is None
    playing, _ = mapped(tmp_path, FPS, "off")
    playing.frame(PLAIN, None, hold=False)
    assert playing.path is None


def test_pictures_are_the_same_with_a_map_and_without(tmp_path: Path) -> None:
    shown = []
    for view in VIEWS:
        playing, _ = mapped(tmp_path, 2 * FPS, view)
        shown.append([playing.frame(PLAIN, None, hold=False).pixels.copy() for _ in range(20)])
    np.testing.assert_array_equal(shown[0], shown[1])


def test_a_memory_of_pictures_is_refused(tmp_path: Path) -> None:
    loaded = load(picture_models.frames_model(tmp_path / "film.onnx"))
    loaded = loaded._replace(arrays={**loaded.arrays, **path_models.arrays(16)})
    with pytest.raises(ModelError, match=r"path_states: .*one axis behind the batch's.*pictures has no path"):
        open_images(loaded, device="cpu", seed=7, fps=FPS, view="plain")
