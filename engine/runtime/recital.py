"""What a cue says, done where a piano is played."""

from collections.abc import Callable, Collection

import msgspec

from engine.controls.board import ACT, Board
from engine.runtime.cue_knobs import begin, draft, fade
from engine.runtime.key_seat import KeySeat
from engine.runtime.steering import Directs
from engine.schema.show import Cue, Prime

RESET = Cue(name="reset", transition=0.5)


class Recital:
    """Does what cues say in a show of keys alone, in the frame thread.

    Args:
        board: the knobs.
        seat: of the pianist.
        load: has a model play as soon as it is there, unless it does.
        model: of the show file.
        seed: of the show file.
        fps: frames per second of the wire.
    """

    changing = False

    def __init__(
        self, board: Board, seat: KeySeat, *, load: Callable[[str], object], model: str, seed: int, fps: float
    ) -> None:
        self._board, self._seat, self._load, self._fps = board, seat, load, fps
        self._written, self._seed = model, seed

    def play(self, cue: Cue) -> None:
        """Do what a cue says."""
        if cue.seed is None:
            if cue.model is not None:
                self._load(cue.model)
            fade(self._board, cue, self._fps)
        else:
            self._begin(cue, cue.model or self._written, cue.seed)

    def begin(self) -> None:
        """Begin anew, as the show was written."""
        self._begin(RESET, self._written, self._seed)

    def prime(self, prime: Prime, performer: int = ACT) -> None:
        """Nothing: a pianist starts from no pose."""

    def drop(self) -> None:
        """Nothing is ever on its way."""

    def follow(self) -> None:
        """Likewise."""

    def _begin(self, cue: Cue, model: str, seed: int) -> None:
        self._load(model)
        begun = draft(self._board, cue)
        begun.set("seed", seed, at_once=True)
        begin(self._board, begun.targets, cue, self._fps)
        self._seat.begin(seed)


class Together:
    """Does what cues say where bodies and keys are played: a cue's model belongs to those who can play it.

    Args:
        bodies: does all but to load a pianist's model.
        load: has a model of touch play as soon as it is there, unless it does.
        model: of touch, of the show file.
        models: of the cues, those of touch.
    """

    def __init__(self, bodies: Directs, *, load: Callable[[str], object], model: str, models: Collection[str]) -> None:
        self._bodies, self._load, self._written, self._models = bodies, load, model, frozenset(models)

    @property
    def changing(self) -> bool:
        """Whether another stream may take over with the next frame."""
        return self._bodies.changing

    def play(self, cue: Cue) -> None:
        """Do what a cue says."""
        if cue.model in self._models:
            self._load(str(cue.model))
            cue = msgspec.structs.replace(cue, model=None)
        elif cue.seed is not None:
            self._load(self._written)
        self._bodies.play(cue)

    def begin(self) -> None:
        """Begin anew, as the show was written."""
        self._load(self._written)
        self._bodies.begin()

    def prime(self, prime: Prime, performer: int = ACT) -> None:
        """Have one performer, or all bodies, start from a moment."""
        self._bodies.prime(prime, performer)

    def drop(self) -> None:
        """Forget what is on its way."""
        self._bodies.drop()

    def follow(self) -> None:
        """Come nearer to what was called."""
        self._bodies.follow()
