"""Places in time, darkness and stillness of an act of pictures, with a model that shows nothing but where it is."""

from dataclasses import dataclass, field

import msgspec
import numpy as np
import picture_models
import pytest

from engine.contracts import Counters
from engine.image_act import ImageAct
from engine.schema.controls import Controls
from engine.schema.frame import F32, U8, Image
from engine.schema.model import ModelSpec

SIZE = 4, 6
PLAIN = Controls()
FPS = picture_models.FPS


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
        return ()

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
