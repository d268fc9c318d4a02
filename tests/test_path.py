"""Where a memory is on its map: against NumPy, and what a file may not say."""

from collections.abc import Sequence

import msgspec
import numpy as np
import path_models
import pytest
import tiny

from engine.contracts import Loaded
from engine.motion.places import LASTING
from engine.path import PathEncoder, Trail, make_path
from engine.schema.errors import ModelError
from engine.schema.frame import F32
from engine.schema.kinds import PathView
from engine.schema.model import Tensor

ODD = ((1, -1, 6), (-1, 3), (2, -1, 5))
"""Shapes of a state, not two of them alike: 6, 3 and 10 numbers a row."""

WIDTH = 16
"""Numbers of the first and the last."""


def loaded(arrays: path_models.Arrays, shapes: Sequence[tuple[int, ...]] = ODD) -> Loaded:
    state = tuple(Tensor(input=f"s{at}", output=f"t{at}", shape=shape) for at, shape in enumerate(shapes))
    return Loaded(b"", msgspec.structs.replace(tiny.scripted_spec(), state=state), arrays)


def encoder(arrays: path_models.Arrays, view: PathView = "plain") -> PathEncoder:
    found = make_path(loaded(arrays), view)
    assert found is not None
    return found


def states(rows: int, seed: int = 2) -> list[F32]:
    draw = np.random.default_rng(seed)
    return [draw.normal(size=[rows if size == -1 else size for size in shape]).astype(np.float32) for shape in ODD]


@pytest.mark.parametrize("view", ["plain", "log"])
@pytest.mark.parametrize("sizes", [(2,), (7, 3), (9, 5, 2)])
@pytest.mark.parametrize("rows", [1, 5])
def test_points_are_those_of_numpy(view: PathView, sizes: tuple[int, ...], rows: int) -> None:
    arrays, given = path_models.arrays(WIDTH, sizes, (2, 0)), states(rows)
    found = encoder(arrays, view).encode(given)
    assert found.shape == (rows, sizes[-1])
    assert found.dtype == np.float32
    expected = path_models.points(arrays, loaded(arrays).spec.state, given, log=view == "log")
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert rows == 1 or np.ptp(expected, axis=0).min() > 0.1


def test_the_tensors_that_it_looks_at_are_enough() -> None:
    made, given = encoder(path_models.arrays(WIDTH, numbers=(2, 0))), states(3)
    assert made.numbers == (2, 0)
    expected = made.encode(given).copy()
    np.testing.assert_array_equal(made.place([given[2], given[0]]), expected)


def test_a_row_does_not_depend_on_the_others() -> None:
    made, given = encoder(path_models.arrays(WIDTH, numbers=(0, 2))), states(5)
    together = made.encode(given).copy()
    for row in range(5):
        alone = [tensor[row : row + 1] if tensor.ndim == 2 else tensor[:, row : row + 1].copy() for tensor in given]
        np.testing.assert_array_equal(made.encode(alone)[0], together[row])


def test_what_is_far_off_stays_at_the_border() -> None:
    made = encoder(path_models.arrays(WIDTH, (3,), (0, 2)))
    found = made.encode([tensor * np.float32(1e6) for tensor in states(40)])
    assert np.isin(found, (-1.0, 1.0)).all()
    assert len(np.unique(found)) == 2


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf, 3e38])
def test_a_state_that_is_no_number_stays_where_it_was(broken: float) -> None:
    made, given = encoder(path_models.arrays(WIDTH, numbers=(0, 2))), states(3)
    before = made.encode(given).copy()
    other = states(3, seed=9)
    other[0][0, 1] = broken
    found = made.encode(other).copy()
    np.testing.assert_array_equal(found[1], before[1])
    assert (found[[0, 2]] != before[[0, 2]]).all()
    other[0][0, 1] = 0.5
    assert (made.encode(other)[1] != before[1]).all()


def test_a_trail_lasts_and_has_some_of_the_rows() -> None:
    arrays = path_models.arrays(WIDTH, numbers=(0, 2))
    made, trail, rows = encoder(arrays), Trail(encoder(arrays)), np.array([0, 3])
    given = [states(4, seed) for seed in range(LASTING + 1)]
    found = [trail.taken([each[0], each[2]], rows) for each in given]
    for each, points in zip(given, found, strict=True):
        np.testing.assert_array_equal(points, made.encode(each)[rows])


def test_nothing_is_made_where_nobody_wants_it_or_the_file_has_none() -> None:
    assert make_path(loaded(path_models.arrays(WIDTH, numbers=(0, 2))), "off") is None
    assert make_path(loaded({"primes": np.zeros(3)}), "plain") is None


GOOD = path_models.arrays(WIDTH, (7, 2), (0, 2))

WRONG: dict[str, tuple[path_models.Arrays, str]] = {
    "no states": ({"path_states": np.zeros(0, np.int64)}, r"path_states: int64 \(0,\); expected int64"),
    "states of floats": ({"path_states": np.zeros(2)}, "path_states: float64"),
    "a state that is not there": ({"path_states": np.array([0, 3])}, r"path_states: \[0, 3\]; .* from 0 to 2"),
    "a state counted from the end": ({"path_states": np.array([0, -1])}, r"path_states: \[0, -1\]"),
    "other states": ({"path_states": np.array([0, 1])}, r"path_weight_0: float32 \(16, 7\)"),
    "another mean": ({"path_mean": np.zeros(15, np.float32)}, r"path_mean: float32 \(15,\)"),
    "a scale of nothing": ({"path_scale": np.zeros(16, np.float32)}, "path_scale: 0; expected numbers above 0"),
    "layers that do not chain": ({"path_weight_1": np.zeros((6, 2), np.float32)}, r"path_weight_1: float32 \(6, 2\)"),
    "a bias that does not fit": ({"path_bias_0": np.zeros(6, np.float32)}, r"path_bias_0: float32 \(6,\)"),
    "a weight that is no number": ({"path_weight_0": np.full((16, 7), np.nan)}, "path_weight_0: float64"),
    "one axis": (path_models.arrays(WIDTH, (7, 1), (0, 2)), "path_weight_1: 1 numbers; expected 2 or 3"),
    "four axes": (path_models.arrays(WIDTH, (7, 4), (0, 2)), "path_weight_1: 4 numbers; expected 2 or 3"),
    "a box of another map": ({"path_low": np.zeros(3, np.float32)}, r"path_low: float32 \(3,\)"),
    "a box turned over": ({"path_low": GOOD["path_high"], "path_high": GOOD["path_low"]}, "path_low: .*less than"),
    "a box without end": ({"path_high": np.full(2, np.inf, np.float32)}, "path_high: float32"),
    "a layer that follows none": ({"path_weight_3": np.zeros((2, 2), np.float32)}, "path_weight_3: an array; .*none"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("view", ["plain", "log"])
def test_what_does_not_fit_is_one_line(name: str, view: PathView) -> None:
    changes, message = WRONG[name]
    with pytest.raises(ModelError, match=message) as caught:
        make_path(loaded(GOOD | changes), view)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("name", [name for name in GOOD if name not in {"path_weight_1", "path_bias_1"}])
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(ModelError, match=f"{name}: nothing"):
        make_path(loaded({key: value for key, value in GOOD.items() if key != name}), "plain")


@pytest.mark.parametrize("shape", [(-1, 4, 2, 2), (1, -1, 4, 4), (16, -1)])
def test_a_memory_of_pictures_has_no_path(shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match=r"path_states: s0, .*expected one axis behind the batch's.*pictures"):
        make_path(loaded(GOOD | {"path_states": np.array([0])}, [shape]), "plain")
