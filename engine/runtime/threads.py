"""One core's worth of threads: libraries that would start a worker for every core are told not to."""

import os

VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Read by NumPy's linear algebra when it is loaded. The engine multiplies no large matrices there, and each idle worker
costs a start 0.1 s of its core."""


def single() -> None:
    """Choose one thread where the person has chosen nothing; NumPy must not be imported yet."""
    for variable in VARIABLES:
        os.environ.setdefault(variable, "1")
