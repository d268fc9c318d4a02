"""The one way in which this project compiles: Numba, cached on disk, without the GIL, dividing as NumPy does."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile a function of arrays and numbers at its first call, or take it from the cache of an earlier start."""
    return cast("Function", numba.njit(cache=True, nogil=True, error_model="numpy")(function))
