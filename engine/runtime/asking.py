"""Models that somebody asks for in mid-show, by file or by name."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from engine.controls.letter import Source
from engine.runtime.commands import Commands, Latest
from engine.runtime.requests import Call
from engine.schema.show import Entrance
from engine.wire.decode import Value

LONGEST = 4096
"""Characters of a path."""


class Asked(NamedTuple):
    """A model that somebody wants, and how those play at that time who are to play in it."""

    model: str
    source: Source | None
    entrances: Mapping[int, Entrance]


class Asking:
    """Models are asked for one at a time; of those that were asked for meanwhile, the last one counts.

    Args:
        load: does what is asked for; an errand.
        errands: done in a thread that may take its time.
    """

    def __init__(self, load: Callable[[Asked], object], errands: Commands) -> None:
        self._wanted = Latest(load, errands)

    def read(self, arguments: Sequence[Value], source: Source) -> Call:
        """A model by its file or its name; a verb of `Requests`."""
        return partial(self.ask, model_named(arguments), source)

    def ask(self, model: str, source: Source | None = None) -> None:
        """Have a model take over as soon as it has proved itself; in the frame thread.

        Raises:
            ValueError: too many errands wait.
        """
        self._want(Asked(model, source, {}))

    def _want(self, asked: Asked) -> None:
        if not self._wanted.ask(asked):
            raise ValueError(f"{asked.model}: too many errands wait")


def model_named(arguments: Sequence[Value]) -> str:
    """The model that somebody asks for.

    Raises:
        ValueError: they name none.
    """
    match tuple(arguments):
        case (str(model),) if 0 < len(model) <= LONGEST and "\0" not in model:
            return model
    raise ValueError(f"{tuple(arguments)}; expected a file, or the name of a bundled model")
