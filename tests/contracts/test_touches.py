"""What every family for keys must do; run over whatever of engine/families is for keys."""

from collections.abc import Callable

import msgspec
import numpy as np
import pianos
import pytest

from engine import plugins
from engine.contracts import HeadOutput, Loaded, Touch
from engine.schema.controls import Controls
from engine.schema.frame import F32
from engine.schema.note import DOWN, HIGHEST, LOUDEST, LOWEST

MS = 1_000_000
PLAIN = Controls()
NAMES = [name for name in plugins.families() if plugins.part(name) == "keys"]

EXAMPLES: dict[str, Callable[[], Loaded]] = {
    "velocity": lambda: Loaded(b"", pianos.spec(pianos.weights()), {}),
}
"""What a family is made of, by the name of its module; a new one adds a line and is held to the contract."""

pytestmark = pytest.mark.parametrize("name", NAMES)

Happened = tuple[str, int, int]
"""What, when in ns, and which key or value."""


def make(name: str) -> Touch:
    if name not in EXAMPLES:
        pytest.fail(f"the family '{name}' has no example; add one to EXAMPLES in {__file__}")
    return plugins.touch(name)(EXAMPLES[name](), 1)


def happenings(count: int, seed: int = 0) -> list[Happened]:
    """Keys, the pedal, chords, repeated keys, keys that come up without having been down."""
    draw, at, found = np.random.default_rng(seed), 0, list[Happened]()
    for what in draw.choice(["press", "press", "release", "pedal"], count):
        at += int(draw.choice([0, 5 * MS, 300 * MS, 20_000 * MS], p=[0.4, 0.3, 0.28, 0.02]))
        found.append((str(what), at, int(draw.integers(0, 128))))
    return found


def told(touch: Touch, happened: list[Happened], shift: int = 0) -> list[F32]:
    """The steps' inputs."""
    found = []
    for what, at, number in happened:
        if what == "press":
            x = np.full((1, touch.spec.features), np.nan, np.float32)
            touch.press(at + shift, number, 64, x)
            found.append(x)
        elif what == "release":
            touch.release(at + shift, number)
        else:
            touch.pedal(at + shift, number)
    return found


def output(touch: Touch, mean: float, spread: float = 5.0) -> HeadOutput:
    """A mixture whose components lie evenly around a mean."""
    head = touch.spec.head
    mu = (mean + np.linspace(-9.0, 9.0, head.components)).astype(np.float32).reshape(1, -1, 1)
    return HeadOutput(mu, np.full_like(mu, spread), logits=np.zeros((1, head.components), np.float32))


def decoded(touch: Touch, sample: float, **knobs: float) -> float:
    touch.press(0, 60, 64, np.zeros((1, touch.spec.features), np.float32))
    return touch.decode(output(touch, 60.0), sample, msgspec.structs.replace(PLAIN, **knobs))


def test_it_says_whose_it_is(name: str) -> None:
    assert make(name).spec == EXAMPLES[name]().spec
    assert make(name).spec.family == name


def test_every_number_is_written_and_none_is_wild(name: str) -> None:
    for x in told(make(name), happenings(2000)):
        assert np.isfinite(x).all()
        assert np.abs(x).max() < 20


def test_what_comes_later_changes_nothing(name: str) -> None:
    whole = happenings(300)
    for end in (10, 150, 299):
        changed = [*whole[:end], *happenings(50, seed=9)]
        shift = whole[end - 1][1]
        later = [(what, at + (shift if place >= end else 0), key) for place, (what, at, key) in enumerate(changed)]
        known = len([what for what, _, _ in whole[:end] if what == "press"])
        np.testing.assert_array_equal(told(make(name), whole)[:known], told(make(name), later)[:known])


def test_only_distances_in_time_count(name: str) -> None:
    whole = happenings(300)
    day = 24 * 3600 * 1000 * MS + 1
    np.testing.assert_array_equal(told(make(name), whole), told(make(name), whole, shift=day))


def test_what_happened_matters(name: str) -> None:
    lone = [("press", 0, 60), ("press", 500 * MS, 64)]
    chord = [("press", 0, 60), ("press", 0, 64)]
    held = [("pedal", 0, LOUDEST), *lone]
    short = [lone[0], ("release", 100 * MS, 60), lone[1]]
    ways = [told(make(name), way)[-1].tobytes() for way in (lone, chord, held, short)]
    assert len(set(ways)) == len(ways)


def test_a_restart_forgets_everything(name: str) -> None:
    touch, whole = make(name), happenings(300)
    first = told(touch, whole)
    touch.decode(output(touch, 60.0), 70.0, PLAIN)
    touch.restart()
    np.testing.assert_array_equal(told(touch, whole), first)


@pytest.mark.parametrize(("number", "nearest"), [(0, LOWEST), (20, LOWEST), (109, HIGHEST), (127, HIGHEST)])
def test_a_key_that_no_piano_has_counts_as_the_nearest(name: str, number: int, nearest: int) -> None:
    ways = [[("press", 0, key), ("release", MS, key), ("press", 2 * MS, 60)] for key in (number, nearest)]
    np.testing.assert_array_equal(told(make(name), ways[0]), told(make(name), ways[1]))


def test_a_key_that_was_not_down_can_come_up(name: str) -> None:
    plain = [("press", 0, 60), ("press", 500 * MS, 64)]
    odd = [plain[0], ("release", 100 * MS, 90), plain[1]]
    np.testing.assert_array_equal(told(make(name), plain), told(make(name), odd))


def test_the_temperature_goes_from_the_mean_to_the_sample_and_beyond(name: str) -> None:
    mean, sample, beyond = (decoded(make(name), 75.0, temperature=each) for each in (0.0, 1.0, 2.0))
    assert mean == decoded(make(name), 20.0, temperature=0.0)
    assert abs((sample - mean) - 15.0) < 1e-3
    assert abs((beyond - mean) - 30.0) < 1e-3


def test_the_loudness_moves_everything_alike(name: str) -> None:
    for sample in (20.0, 60.0, 90.0):
        quiet, loud = (decoded(make(name), sample, loudness=each) for each in (50.0, 70.0))
        assert abs((loud - quiet) - 20.0) < 1e-3


def test_the_contrast_scales_distances_and_0_is_flat(name: str) -> None:
    def apart(contrast: float) -> float:
        low, high = (decoded(make(name), sample, contrast=contrast) for sample in (40.0, 80.0))
        return high - low

    assert abs(apart(1.0) - 40.0) < 1e-3
    assert abs(apart(2.0) - 80.0) < 1e-3
    assert abs(apart(0.0)) < 1e-3


def test_velocities_are_as_they_were_learned_where_nobody_says_anything(name: str) -> None:
    assert abs(decoded(make(name), 71.0) - 71.0) < 1e-3


def test_what_is_no_number_comes_out_as_none_and_nothing_of_it_stays(name: str) -> None:
    touch, whole = make(name), happenings(100)
    first = told(touch, whole)
    touch.restart()
    told(touch, whole[:50])
    for broken in (np.nan, np.inf):
        assert not np.isfinite(touch.decode(output(touch, float(broken)), 60.0, PLAIN))
    known = len([what for what, _, _ in whole[:50] if what == "press"])
    np.testing.assert_array_equal(told(touch, whole[50:]), first[known:])
    assert np.isfinite(touch.decode(output(touch, 60.0), float(DOWN), PLAIN))
