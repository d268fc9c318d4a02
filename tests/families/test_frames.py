from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import picture_models as models
import pytest

from engine.contracts import Loaded
from engine.families import frames
from engine.families.frames import Frames
from engine.inference.bound_graph import BoundGraph
from engine.inference.vet import load
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32, U8

SIZE = 12, 20
PLAIN = Controls()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return load(models.frames_model(tmp_path_factory.mktemp("model") / "model.onnx", SIZE))


def made(loaded: Loaded, seed: int = 1) -> Frames:
    return frames.create(loaded, "cpu", seed)


def network() -> BoundGraph:
    """The network of the model, by itself."""
    shapes = {"x": (1, 1, *SIZE)} | dict.fromkeys("hc", (1, models.CHANNELS, *SIZE))
    state = [("h", "h_out"), ("c", "c_out")]
    return BoundGraph(models.cell().SerializeToString(), device="cpu", place="cell", shapes=shapes, state=state)


def light(picture: U8) -> F32:
    return np.asarray(picture[None, None] / np.float32(255.0), np.float32)


def grey(made: F32) -> U8:
    return np.asarray(np.floor(np.clip(made[0, 0], 0, 1) * 255 + 0.5), np.uint8)


def context_of(family: Frames, loaded: Loaded) -> U8:
    """The beginning that is shown the end of."""
    found = family.image(1.0, PLAIN).pixels
    (index,) = [n for n, each in enumerate(loaded.arrays["contexts"]) if np.array_equal(each[-1], found)]
    return np.asarray(loaded.arrays["contexts"][index], np.uint8)


def test_it_goes_on_from_a_beginning_as_the_network_does_by_itself(loaded: Loaded) -> None:
    family, alone = made(loaded), network()
    for picture in context_of(family, loaded)[:-1]:
        alone.run(light(picture))
    seen = light(context_of(family, loaded)[-1])
    for _ in range(30):
        seen = alone.run(seen)[0].copy()
        family.advance(PLAIN, None)
        np.testing.assert_array_equal(family.image(1.0, PLAIN).pixels, grey(seen))


def test_what_is_given_is_seen_and_what_comes_next_is_shown(loaded: Loaded) -> None:
    family, alone, draw = made(loaded), network(), np.random.default_rng(2)
    for picture in context_of(family, loaded)[:-1]:
        alone.run(light(picture))
    for _ in range(10):
        given = draw.integers(0, 256, SIZE, np.uint8)
        expected = grey(alone.run(light(given))[0])
        family.advance(PLAIN, given)
        np.testing.assert_allclose(family.image(1.0, PLAIN).pixels.astype(int), expected, atol=1)


def test_a_picture_stays_until_the_next_one(loaded: Loaded) -> None:
    family = made(loaded)
    family.advance(PLAIN, None)
    found = [family.image(phase, PLAIN).pixels.copy() for phase in (0.01, 0.5, 1.0)]
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[1], found[2])


def test_seeds_choose_beginnings(loaded: Loaded) -> None:
    assert len({made(loaded, seed).image(1.0, PLAIN).pixels.tobytes() for seed in range(12)}) == models.CONTEXTS


def fading(family: Frames, factor: float) -> None:
    """Have the network's pictures lose or win light."""
    run = family._graph.run

    def weaker(*inputs: F32) -> tuple[F32, ...]:
        return (np.clip(run(*inputs)[0] * np.float32(factor), 0.0, 1.0),)

    family._graph.run = weaker  # type: ignore[method-assign]


@pytest.mark.parametrize("factor", [0.7, 0.0, 4.0])
def test_a_picture_that_fades_or_floods_gives_way_to_another_beginning_without_a_jump(
    loaded: Loaded, factor: float
) -> None:
    family, found = made(loaded), list[U8]()
    if factor > 1:
        family._high = 0.2
    fading(family, factor)
    for _ in range(60):
        family.advance(PLAIN, None)
        found.append(family.image(1.0, PLAIN).pixels.copy())
    assert family.counters.primed >= 1
    assert family.counters.guarded == 0
    assert all(np.abs(one.astype(int) - two).mean() < 40 for one, two in pairwise(found))
    assert max(each.max() for each in found[10:]) > 60


def test_after_half_a_minute_alone_it_begins_again(loaded: Loaded) -> None:
    family = made(loaded)
    family._low, family._high = 0.0, 1.0
    for _ in range(round(frames.ALONE * models.FPS)):
        family.advance(PLAIN, None)
    assert family.counters.primed == 0
    family.advance(PLAIN, None)
    assert family.counters.primed == 1


def test_dark_pictures_that_are_given_are_followed(loaded: Loaded) -> None:
    family = made(loaded)
    for _ in range(500):
        family.advance(PLAIN, np.zeros(SIZE, np.uint8))
    assert family.counters.primed == 0


def test_begins_again_with_another_beginning(loaded: Loaded) -> None:
    family = made(loaded)
    for _ in range(10):
        before = family._context
        family._prime()
        assert family._context != before


@pytest.mark.parametrize(
    ("contexts", "words"),
    [
        (None, "nothing"),
        (np.zeros((2, 4, 5, 5), np.uint8), "uint8"),
        (np.zeros((2, 4, *SIZE), np.float32), "float32"),
        (np.zeros((0, 4, *SIZE), np.uint8), "uint8"),
    ],
)
def test_beginnings_that_do_not_fit_are_refused(loaded: Loaded, contexts: Any, words: str) -> None:
    arrays = {} if contexts is None else {"contexts": contexts}
    with pytest.raises(ModelError, match=words) as caught:
        made(loaded._replace(arrays=arrays))
    assert "figurant.arrays: contexts" in str(caught.value)


def test_a_head_of_another_kind_is_refused(loaded: Loaded) -> None:
    head = msgspec.structs.replace(loaded.spec.head, kind="mdn")
    with pytest.raises(ModelError, match=r"head\.kind"):
        made(loaded._replace(spec=msgspec.structs.replace(loaded.spec, head=head)))
