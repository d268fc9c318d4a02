"""An event loop in which waiting takes no time."""

import asyncio
import selectors
from collections.abc import Mapping
from typing import Any


class _Hurried(selectors.DefaultSelector):
    """Where nothing has happened, the time that would be waited has passed."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found and timeout is not None:
            self.passed += timeout
        return found


class Loop(asyncio.SelectorEventLoop):
    """Its time stands still but for what is waited."""

    def __init__(self, options: Mapping[str, Any] | None = None) -> None:
        self._hurried = _Hurried()
        super().__init__(self._hurried, **(options or {}))

    def time(self) -> float:
        return self._hurried.passed
