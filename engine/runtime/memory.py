"""Memory that is freed goes back to the system, as far as the C library can be told to."""

import ctypes
import sys

M_MMAP_THRESHOLD = -3
"""glibc's number of the setting (malloc.h)."""

LARGE = 2**18
"""Bytes from which on a block has pages of its own. glibc raises this by itself up to 32 MiB whenever such a block is
freed; models that come and go then leave holes between small blocks, 45 MB after a hundred of them."""


def give_back() -> bool:
    """Have large blocks leave the process when they are freed; tells whether the C library took it.

    Only glibc is asked; others give back by themselves, or cannot be told.
    """
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and mallopt(M_MMAP_THRESHOLD, LARGE) == 1
