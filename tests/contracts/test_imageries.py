"""What every family of pictures must do; run over whatever of engine/families is for images."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import onnx
import picture_models
import pytest
from counting import counted

from engine import plugins
from engine.contracts import Counters, Loaded
from engine.imagery import Imagery
from engine.inference.vet import load
from engine.schema.controls import IMAGE_CONTROLS, Control, Controls, expanded, make_controls
from engine.schema.errors import ModelError
from engine.schema.frame import U8

SIZE = 12, 20
PLAIN = Controls()
FRAMES = 40
NAMES = [name for name in plugins.families() if plugins.part(name) == "images"]

EXAMPLES: dict[str, Callable[[Path], Path]] = {
    "latents": partial(picture_models.latents_model, size=SIZE),
    "frames": partial(picture_models.frames_model, size=SIZE),
}
"""What makes a model file of a family, by the name of its module; a new one adds a line and is held to the contract."""

pytestmark = pytest.mark.parametrize("name", NAMES)

Make = Callable[..., Imagery]


@pytest.fixture
def make(name: str, tmp_path: Path) -> Iterator[Make]:
    if name not in EXAMPLES:
        pytest.fail(f"the family '{name}' has no example; add one to EXAMPLES in {__file__}")
    made: list[Imagery] = []

    def one(seed: int = 1, change: Callable[[Loaded], Loaded] = lambda loaded: loaded) -> Imagery:
        loaded = change(load(EXAMPLES[name](tmp_path / f"{name}.onnx")))
        made.append(plugins.imagery(name)(loaded, "cpu", seed))
        return made[-1]

    yield one
    for each in made:
        each.close()


def given(frame: int) -> U8:
    """A bright bar that wanders."""
    picture = np.zeros(SIZE, np.uint8)
    picture[:, frame % SIZE[1]] = 255
    return picture


Source = Callable[[int], U8 | None]


def nothing(_frame: int) -> None:
    return None


def now_and_then(frame: int) -> U8 | None:
    return given(frame) if frame % 10 < 5 else None


def played(imagery: Imagery, frames: int = FRAMES, controls: Controls = PLAIN, source: Source = nothing) -> list[U8]:
    """The pictures at both ends and in the middle of the way to each frame."""
    found = []
    for frame in range(frames):
        picture = source(frame)
        imagery.advance(controls, picture)
        found += [imagery.image(phase, controls, picture).pixels.copy() for phase in (0.0, 0.5, 1.0)]
    return found


def alike(one: Sequence[U8], two: Sequence[U8]) -> bool:
    return all(np.array_equal(first, second) for first, second in zip(one, two, strict=True))


def test_pictures_have_the_size_of_the_model(make: Make) -> None:
    imagery = make()
    for each in (imagery.image(1.0, PLAIN), imagery.image(0.3, PLAIN)):
        assert each.pixels.shape == SIZE
        assert each.pixels.dtype == np.uint8
        assert each.latent is None or (each.latent.dtype == np.float32 and each.latent.ndim == 1)


def test_the_same_seed_gives_the_same_pictures(make: Make) -> None:
    first = played(make(1))
    assert alike(first, played(make(1)))
    assert any(not alike(first, played(make(seed))) for seed in (2, 3, 4))


def test_the_pictures_move(make: Make) -> None:
    found = played(make())
    assert not alike(found[2:-3:3], found[5::3])


def test_begun_anew_it_is_as_if_it_was_just_made(make: Make) -> None:
    imagery = make(5)
    played(imagery, controls=Controls(posed=0.4, latent=(0.5,)), source=given)
    imagery.reseed(9)
    played(imagery, 7)
    imagery.restart(5)
    assert alike(played(imagery), played(make(5)))


def test_what_is_given_is_heard_where_it_is_taken(make: Make) -> None:
    seen, blind = make(), make()
    assert seen.takes
    found = played(seen, source=given)
    assert not alike(found, played(blind))
    assert alike(found, played(make(), source=given))


def test_a_picture_may_stop_coming_and_come_again(make: Make) -> None:
    imagery = make()
    found = played(imagery, source=now_and_then)
    assert alike(found, played(make(), source=now_and_then))
    assert all(each.shape == SIZE for each in found)


def test_nothing_counts_before_it_plays(make: Make) -> None:
    imagery = make()
    assert imagery.counters == Counters()
    played(imagery, 7)
    assert imagery.counters.frames == 7


def test_a_picture_can_be_asked_for_again(make: Make) -> None:
    imagery = make()
    imagery.advance(PLAIN, None)
    first = imagery.image(0.7, PLAIN).pixels.copy()
    imagery.image(0.2, PLAIN)
    np.testing.assert_array_equal(imagery.image(0.7, PLAIN).pixels, first)


@pytest.mark.parametrize("control", IMAGE_CONTROLS, ids=lambda control: control.name)
def test_every_knob_can_stand_anywhere(make: Make, control: Control) -> None:
    imagery = make()
    for value in (control.low, control.default, control.high):
        played(imagery, 3, make_controls(dict.fromkeys(expanded([control]), value)))
    assert imagery.counters.guarded == 0


def poisoned(loaded: Loaded) -> Loaded:
    """The model with a NaN in each of its weights."""
    model = onnx.load_from_string(loaded.graph)
    for tensor in model.graph.initializer:
        array = onnx.numpy_helper.to_array(tensor).copy()
        if array.dtype.kind == "f" and array.size > 1:
            array.reshape(-1)[0] = np.nan
            tensor.CopyFrom(onnx.numpy_helper.from_array(array, tensor.name))
    return Loaded(model.SerializeToString(), loaded.spec, loaded.arrays)


def test_a_model_that_gives_no_numbers_shows_sound_pictures(make: Make) -> None:
    sound, broken = make(), make(change=poisoned)
    found, bright = played(broken), [each.mean() for each in played(sound)]
    assert broken.counters.guarded == FRAMES
    assert broken.counters.primed == FRAMES
    assert all(0.2 * min(bright) < each.mean() < 5.0 * max(bright) for each in found)
    largest = max(np.abs(one.astype(int) - two).mean() for one, two in pairwise(found))
    assert largest < 64  # of 255: one moment goes over to another


def test_a_frame_makes_no_memory(make: Make) -> None:
    imagery = make()
    played(imagery, 3, Controls(pull=0.2, posed=0.2), given)
    with counted() as made:
        imagery.advance(PLAIN, None)
        imagery.image(0.5, PLAIN)
    assert made == []


def test_closed_twice_it_stays_closed(make: Make) -> None:
    imagery = make()
    imagery.close()
    imagery.close()
    with pytest.raises(ValueError, match="closed"):
        played(imagery, 1)


def test_the_provider_is_told(make: Make) -> None:
    assert "CPU" in make().provider


def test_a_model_without_a_size_is_refused(make: Make) -> None:
    with pytest.raises(ModelError, match=r"figurant\.spec"):
        make(change=lambda loaded: loaded._replace(spec=msgspec.structs.replace(loaded.spec, image=None)))
