"""The one way in which kernels are compiled."""

from typing import Any, cast

import numpy as np

from engine.kernel import kernel


@kernel
def shares(values: np.ndarray[tuple[int], np.dtype[np.float64]], total: float) -> float:
    """Divide in place, whatever the total is."""
    for index in range(values.shape[0]):
        values[index] /= total
    return float(values[0])


def test_it_divides_as_numpy_does() -> None:
    values = np.array((1.0, -1.0, 0.0))
    assert shares(values, 0.0) == np.inf
    np.testing.assert_array_equal(values, (np.inf, -np.inf, np.nan))


def test_it_is_kept_on_disk_and_leaves_the_interpreter_free() -> None:
    options = cast("Any", shares).targetoptions
    assert options["nogil"]
    assert options["error_model"] == "numpy"
    assert cast("Any", shares)._cache.cache_path
