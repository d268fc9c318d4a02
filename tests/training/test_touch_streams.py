import msgspec
import numpy as np
import pytest
import recitals

from engine.families import _touch
from export import touch_streams
from export.data import piano
from export.data.piano import Piece
from export.nets.velocity import BEGINNING
from export.recipe import TouchRecipe

PLAIN = TouchRecipe(tempo=1.0, transpose=0, jitter=0.0, pedalless=0.0)


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> tuple[Piece, ...]:
    return piano.load(str(recitals.folder(tmp_path_factory.mktemp("recitals"), pieces=3, notes=90))).pieces


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_without_changes_a_piece_stays_as_it_is(pieces: tuple[Piece, ...]) -> None:
    varied = touch_streams.vary(pieces[0], PLAIN, rng())
    np.testing.assert_array_equal(varied.events, pieces[0].events)
    np.testing.assert_array_equal(varied.velocities, pieces[0].velocities)


def test_velocities_stay_with_their_keys_when_chords_are_spread(pieces: tuple[Piece, ...]) -> None:
    recipe = TouchRecipe(tempo=1.0, transpose=0, jitter=2000.0, exact=0.0, pedalless=0.0)
    piece = pieces[0]
    varied = touch_streams.vary(piece, recipe, rng())
    struck, moved = (one.events[one.events[:, 1] == _touch.DOWN_EVENT, 2] for one in (piece, varied))
    assert not np.array_equal(struck, moved)  # late enough for the order to change
    before = sorted(zip(struck.tolist(), piece.velocities.tolist(), strict=True))
    assert before == sorted(zip(moved.tolist(), varied.velocities.tolist(), strict=True))


def test_a_key_comes_up_as_late_as_it_went_down() -> None:
    events = np.array([[0, 0, 40], [0, 0, 44], [100, 1, 40], [150, 0, 40], [200, 1, 44], [300, 1, 40]])
    late = touch_streams._jitter(events, 50.0, rng())
    assert late[2] == late[0] != 0
    assert late[4] == late[1]
    assert late[5] == late[3]


def test_pieces_are_moved_in_pitch_and_time_but_never_off_the_piano(pieces: tuple[Piece, ...]) -> None:
    draw, shifts = rng(), set()
    for _ in range(30):
        varied = touch_streams.vary(pieces[0], TouchRecipe(tempo=1.2, jitter=0.0, pedalless=0.0), draw)
        keys = varied.events[varied.events[:, 1] != _touch.PEDAL_EVENT, 2]
        assert 0 <= keys.min() <= keys.max() < 88
        shifts.add(int(keys.min()))
        assert 1 / 1.21 < varied.events[-1, 0] / pieces[0].events[-1, 0] < 1.21
    assert len(shifts) > 5


@pytest.mark.parametrize("unheard", [0.0, 1.0])
def test_a_piece_begins_with_a_window_and_goes_on_in_the_next(pieces: tuple[Piece, ...], unheard: float) -> None:
    shares, recipe = np.array([1.0, 0.0, 0.0]), msgspec.structs.replace(PLAIN, unheard=unheard)
    whole = _touch.features(pieces[0].events, None if unheard else pieces[0].velocities)
    found = list(touch_streams.windows(pieces, shares, recipe, 64.0, (32, 1), 12, rng()))
    begins = [index for index, (x, _) in enumerate(found) if x[0, 0, BEGINNING] == 0.0 and np.isfinite(x).all()]
    first = next(index for index in begins if np.isfinite(found[index][1][0, 0, 0]))
    x, y = (np.concatenate([found[first + step][part][:, 0] for step in range(3)]) for part in (0, 1))
    np.testing.assert_array_equal(x[: len(whole)], whole)
    np.testing.assert_array_equal(y[: len(whole), 0], pieces[0].velocities)
    assert np.isnan(y[len(whole) :]).all()


def test_who_is_not_heard_is_brought_nearer_to_the_level_of_all(pieces: tuple[Piece, ...]) -> None:
    piece = pieces[0]
    mean = piece.velocities.mean()
    found = touch_streams.levelled(piece, 64.0, TouchRecipe(offset=0.25))
    np.testing.assert_allclose(found.mean(), mean + 0.25 * (64 - mean), rtol=1e-5)
    np.testing.assert_allclose(found - found.mean(), piece.velocities - mean, atol=1e-4)


def test_only_the_first_note_of_a_piece_says_so(pieces: tuple[Piece, ...]) -> None:
    beginning = _touch.features(pieces[0].events)[:, BEGINNING]
    assert beginning[0] == 0.0
    assert (beginning[1:] > 0.0).all()
