"""Another model of keys, pictures or signs in mid-show: tried beside the one that plays, which goes on if it fails."""

from collections.abc import Callable
from functools import partial
from typing import Generic, Protocol, TypeVar

from engine.controls.letter import Source
from engine.controls.news import News, Outlet
from engine.runtime.asking import Asked, Asking
from engine.runtime.commands import Commands
from engine.runtime.failure import line
from engine.schema.model import ModelSpec


class Plays(Protocol):
    """What plays a model."""

    @property
    def spec(self) -> ModelSpec:
        """Of the model."""
        ...


P = TypeVar("P", bound=Plays)
P_contra = TypeVar("P_contra", contravariant=True)


class Changes(Protocol[P_contra]):
    """Where something else takes over."""

    def change(self, player: P_contra) -> None:
        """Have this one play as soon as it can; from any thread."""
        ...


class OwnLoading(Asking, Generic[P]):
    """Loads models of one part.

    Args:
        make: what plays a model, tried out; takes its time.
        stand: where it plays.
        model: name of the one that plays at first.
        file: that it is from.
        commands: done in the frame thread.
        errands: done in a thread that may take its time.
        outlet: is told what plays in the end.
        address: where that is told.
        say: takes one line for a person.

    Attributes:
        refused: models that are not fit to play.
        model: name of the one that plays.
    """

    def __init__(
        self,
        make: Callable[[str], P],
        *,
        stand: Changes[P],
        model: str,
        file: str,
        commands: Commands,
        errands: Commands,
        outlet: Outlet,
        address: str,
        say: Callable[[str], object],
    ) -> None:
        self._make, self._stand, self._say = make, stand, say
        self._commands, self._outlet, self._address = commands, outlet, address
        super().__init__(self._load, errands)
        self.model, self.refused = model, 0
        self._file = self._next = file  # that plays, and that is to

    def ask(self, model: str, source: Source | None = None) -> None:
        """As for anybody; in the frame thread."""
        super().ask(model, source)
        self._next = model

    def want(self, model: str) -> None:
        """Have a model play, unless it does or is about to; errors as for `ask`."""
        if model != self._next:
            self.ask(model)

    def _load(self, asked: Asked) -> None:
        try:
            player = self._make(asked.model)
        except Exception as error:  # noqa: BLE001 (whatever is in a file from anywhere, the show goes on)
            self.refused += 1
            self._say(f"{asked.model} is refused: {line(error)}; {self.model} keeps playing")
            self._commands.add(partial(self._refuse, asked))
        else:
            self.model = player.spec.name
            self._stand.change(player)
            self._commands.add(partial(self._admit, asked))

    def _refuse(self, asked: Asked) -> None:
        """In the frame thread."""
        if self._next == asked.model:
            self._next = self._file
        self._tell(asked)

    def _admit(self, asked: Asked) -> None:
        """In the frame thread."""
        self._file = asked.model
        self._tell(asked)

    def _tell(self, asked: Asked) -> None:
        self._outlet.post(News(self._address, (self.model,), asked.source))


class Loads(Protocol):
    """Has a model play."""

    @property
    def refused(self) -> int:
        """Models that are not fit to play."""
        ...

    def ask(self, model: str, source: Source | None = None) -> None:
        """Have a model take over as soon as it has proved itself; in the frame thread.

        Raises:
            ValueError: too many errands wait.
        """
        ...


class Sorted(Asking):
    """Loads models where several parts are played: each goes to those who can play it.

    Args:
        others: load all other models, and refuse what nobody can play.
        own: loads those of one part.
        mine: tells whether a file is one of them; takes its time.
        commands: done in the frame thread.
        errands: done in a thread that may take its time.
    """

    def __init__(
        self, others: Loads, own: Loads, *, mine: Callable[[str], bool], commands: Commands, errands: Commands
    ) -> None:
        self._others, self._own, self._mine, self._commands = others, own, mine, commands
        super().__init__(self._sort, errands)

    @property
    def refused(self) -> int:
        """Models that are not fit to play."""
        return self._others.refused + self._own.refused

    def _sort(self, asked: Asked) -> None:
        loading = self._own if self._mine(asked.model) else self._others
        self._commands.add(partial(loading.ask, asked.model, asked.source))
