"""A C library that is not there: it notes what it is asked, and answers as it was told."""

import ctypes
from collections.abc import Callable
from typing import Any, cast

Answer = int | Callable[..., int]


class Function:
    """One of its functions; `argtypes` and `restype` are taken as ctypes takes them."""

    argtypes: Any = None
    restype: Any = None

    def __init__(self, name: str, answer: Answer, calls: list[tuple[Any, ...]]) -> None:
        self._name, self._answer, self._calls = name, answer, calls

    def __call__(self, *arguments: Any) -> int:
        self._calls.append((self._name, *(getattr(each, "value", each) for each in arguments)))
        return self._answer(*arguments) if callable(self._answer) else self._answer


def library(**answers: Answer) -> tuple[ctypes.CDLL, list[tuple[Any, ...]]]:
    """The library, with these functions alone, and the calls that it hears: name and arguments each."""
    calls: list[tuple[Any, ...]] = []
    functions = {name: Function(name, answer, calls) for name, answer in answers.items()}
    return cast("ctypes.CDLL", type("Library", (), functions)()), calls
