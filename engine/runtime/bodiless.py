"""What stands where bodies would play, in a show of keys alone."""

from collections.abc import Callable

import numpy as np

from engine.contracts import Counters
from engine.schema.frame import Frame, Pose

NOBODY = Pose(np.zeros((0, 0, 3), np.float32), np.zeros((0, 7), np.float32))


class Bodiless:
    """Nobody is on, so nothing moves, fades or takes over.

    Args:
        model: what the show says that it plays now.
        provider: what that runs on.
    """

    performers: tuple[int, ...] = ()
    skeleton = None
    counters = Counters()
    changes = 0
    settled = True
    fading = False

    def __init__(self, model: Callable[[], str], provider: Callable[[], str]) -> None:
        self._model, self._provider = model, provider

    @property
    def model(self) -> str:
        """Name of the model that plays."""
        return self._model()

    @property
    def provider(self) -> str:
        """What that model runs on."""
        return self._provider()

    def frame(self, sequence: int, milliseconds: int, *, hold: bool, smooth: float = 0.0) -> Frame:  # noqa: ARG002
        """A frame with nobody in it."""
        return Frame(sequence, milliseconds, NOBODY, (), ())


class Empty:
    """Where performers are asked for and none can come."""

    def ask(self, performers: float) -> None:
        """Nobody comes, however many are asked for."""

    def gather(self) -> None:
        """Nobody is on the way."""
