"""How many arrays NumPy makes memory for: every one of them, however small and short-lived.

`tracemalloc` tells what is held and how much was held at most, so an array that comes and goes beside larger objects
leaves no trace in it. NumPy asks a handler for the memory of every array (NEP 49); here is one that counts. A view has
no memory of its own and is not counted.
"""

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

SET_HANDLER = 304
"""Place of `PyDataMem_SetHandler` in NumPy's table of functions; places never change."""

NAME = b"mem_handler"

_system = ctypes.CDLL("ucrtbase") if sys.platform == "win32" else ctypes.CDLL(None)
_word, _place = ctypes.c_size_t, ctypes.c_void_p
_system.malloc.argtypes, _system.malloc.restype = (_word,), _place
_system.calloc.argtypes, _system.calloc.restype = (_word, _word), _place
_system.realloc.argtypes, _system.realloc.restype = (_place, _word), _place
_system.free.argtypes, _system.free.restype = (_place,), None

_counting: list[list[int]] = []


class _Handler(ctypes.Structure):
    """`PyDataMem_Handler`, version 1."""

    _fields_ = (
        ("name", ctypes.c_char * 127),
        ("version", ctypes.c_uint8),
        ("context", _place),
        ("malloc", _place),
        ("calloc", _place),
        ("realloc", _place),
        ("free", _place),
    )


def _malloc(_context: int, size: int) -> Any:
    _note(size)
    return _system.malloc(size)


def _calloc(_context: int, count: int, size: int) -> Any:
    _note(count * size)
    return _system.calloc(count, size)


def _realloc(_context: int, place: int, size: int) -> Any:
    _note(size)
    return _system.realloc(place, size)


def _free(_context: int, place: int, _size: int) -> None:
    _system.free(place)


def _note(size: int) -> None:
    for made in _counting:
        made.append(size)


_CALLED = (
    ctypes.CFUNCTYPE(_place, _place, _word)(_malloc),
    ctypes.CFUNCTYPE(_place, _place, _word, _word)(_calloc),
    ctypes.CFUNCTYPE(_place, _place, _place, _word)(_realloc),
    ctypes.CFUNCTYPE(None, _place, _place, _word)(_free),
)
_HANDLER = _Handler(b"counting", 1, None, *(ctypes.cast(each, _place) for each in _CALLED))
"""Kept for ever, as an array is given back to the handler that made it."""


def _function(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    """A function of Python's own."""
    return ctypes.PYFUNCTYPE(result, *arguments)((name, ctypes.pythonapi))


_CAPSULE = _function("PyCapsule_New", ctypes.py_object, _place, ctypes.c_char_p, _place)(
    ctypes.addressof(_HANDLER), NAME, None
)
_TABLE = _function("PyCapsule_GetPointer", _place, ctypes.py_object, ctypes.c_char_p)(
    np._core._multiarray_umath._ARRAY_API,  # type: ignore[attr-defined]
    None,
)
_set_handler = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object)(
    ctypes.cast(_TABLE, ctypes.POINTER(_place))[SET_HANDLER] or 0
)


@contextmanager
def counted() -> Iterator[list[int]]:
    """Give the bytes of each array that this thread makes meanwhile."""
    made: list[int] = []
    before = _set_handler(_CAPSULE)
    _counting.append(made)
    try:
        yield made
    finally:
        _counting.remove(made)
        _set_handler(before)
