"""What scenes need of the others: of who plays, of the streams that wait, and of who brings performers on and off."""

from collections.abc import Mapping
from typing import Protocol, TypeVar

from engine.priming import Moment
from engine.runtime.seats import Seated
from engine.schema.controls import Controls
from engine.schema.frame import F32
from engine.schema.kinds import Easing
from engine.schema.show import Place


class Fresh(Protocol):
    """What is needed of an act that is to take over."""

    @property
    def performers(self) -> tuple[int, ...]:
        """Numbers of those in it."""
        ...

    def reserve(self, number: int) -> None:
        """Make room; takes its time."""
        ...

    def join(self, number: int, *, seed: int | None, place: Place, controls: Controls, moment: Moment | None) -> None:
        """Let a performer play in it from its next frame on."""
        ...

    def leave(self, number: int) -> None:
        """Let a performer go."""
        ...

    def move(self, number: int, place: Place) -> None:
        """Give a performer another place."""
        ...

    def stand(self, number: int, root: F32) -> None:
        """Have a performer go on from where another body stands, (7,) world root."""
        ...

    def recall(self, clip: int, frame: int | None = None) -> Moment:
        """A moment to start from; takes its time."""
        ...


class Relief(Protocol):
    """A stream that is to take over."""

    @property
    def act(self) -> Fresh:
        """That plays it."""
        ...


S = TypeVar("S", bound=Relief)
S_contra = TypeVar("S_contra", bound=Relief, contravariant=True)


class Plays(Seated, Protocol[S_contra]):
    """What is needed of what plays."""

    @property
    def roots(self) -> Mapping[int, F32]:
        """(7,) where the body of each performer is in the last frame."""
        ...

    def change(self, stream: S_contra, seconds: float, curve: Easing = "smooth") -> object:
        """Let a stream take over from the next frame on."""
        ...

    def start(self, number: int, moment: Moment | None = None) -> None:
        """Have a performer go on from a moment."""
        ...

    def recall(self, clip: int, frame: int | None = None) -> Moment:
        """A moment of the model that plays; takes its time."""
        ...


class Stands(Protocol[S]):
    """Where streams that are ready wait."""

    def take(self, model: str) -> S | None:
        """One of this model, with nobody in it; None while none is ready."""
        ...

    def lacks(self, model: str) -> bool:
        """Whether there will never be one of this model."""
        ...

    def give_back(self, stream: S) -> object:
        """Take one back that was not played."""
        ...


class Calls(Protocol):
    """Who brings performers on and off."""

    def ask(self, performers: float) -> None:
        """Have so many play."""
        ...

    def stay(self) -> None:
        """Forget who was asked for."""
        ...
