"""What a cue says, done where a piano is played, or pictures are made."""

from collections.abc import Callable, Collection

import msgspec

from engine.controls.board import ACT, Board
from engine.runtime.cue_knobs import begin, draft, fade
from engine.runtime.steering import Directs
from engine.schema.show import Cue, Prime

RESET = Cue(name="reset", transition=0.5)


class Recital:
    """Does what cues say in a show without bodies, in the frame thread.

    Args:
        board: the knobs.
        begin: has everybody begin anew with a seed.
        load: has a model play as soon as it is there, unless it does.
        model: of the show file.
        seed: of the show file.
        fps: frames per second of the wire.
    """

    changing = False

    def __init__(
        self,
        board: Board,
        begin: Callable[[int], object],
        *,
        load: Callable[[str], object],
        model: str,
        seed: int,
        fps: float,
    ) -> None:
        self._board, self._anew, self._load, self._fps = board, begin, load, fps
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
        """Nothing: nobody here starts from a pose."""

    def drop(self) -> None:
        """Nothing is ever on its way."""

    def follow(self) -> None:
        """Likewise."""

    def _begin(self, cue: Cue, model: str, seed: int) -> None:
        self._load(model)
        begun = draft(self._board, cue)
        begun.set("seed", seed, at_once=True)
        begin(self._board, begun.targets, cue, self._fps)
        self._anew(seed)


class Together:
    """Does what cues say where several parts are played: a cue's model belongs to those who can play it.

    Args:
        others: does all but to load one part's model.
        load: has a model of that part play as soon as it is there, unless it does.
        model: of that part, of the show file.
        models: of the cues, those of that part.
    """

    def __init__(self, others: Directs, *, load: Callable[[str], object], model: str, models: Collection[str]) -> None:
        self._others, self._load, self._written, self._models = others, load, model, frozenset(models)

    @property
    def changing(self) -> bool:
        """Whether another stream may take over with the next frame."""
        return self._others.changing

    def play(self, cue: Cue) -> None:
        """Do what a cue says."""
        if cue.model in self._models:
            self._load(str(cue.model))
            cue = msgspec.structs.replace(cue, model=None)
        elif cue.seed is not None:
            self._load(self._written)
        self._others.play(cue)

    def begin(self) -> None:
        """Begin anew, as the show was written."""
        self._load(self._written)
        self._others.begin()

    def prime(self, prime: Prime, performer: int = ACT) -> None:
        """Have one performer, or all bodies, start from a moment."""
        self._others.prime(prime, performer)

    def drop(self) -> None:
        """Forget what is on its way."""
        self._others.drop()

    def follow(self) -> None:
        """Come nearer to what was called."""
        self._others.follow()
