"""From models to what plays them at the rate of the wire."""

from contextlib import ExitStack
from pathlib import Path

from engine.bundled import MODELS, find_model
from engine.contracts import Loaded
from engine.inference.open_model import open_model
from engine.inference.vet import load
from engine.open_act import make_act
from engine.runtime.cadence import Cadence
from engine.runtime.journal import Journal
from engine.runtime.logged import Logged
from engine.runtime.stream import Stream
from engine.schema.kinds import MAX_PERFORMERS
from engine.schema.show import Act, Show
from engine.troupe import capacity


class Streams:
    """Makes what plays a model; all of them are alike, so that the same frames come from whichever is at hand.

    Args:
        show: says for how many performers.
        cast: the act of bodies; it says where models are computed.
        fps: frames per second on the wire.
        journal: is told of all of them; None where nobody reads it.
    """

    def __init__(self, show: Show, cast: Act, fps: float, journal: Journal | None) -> None:
        self._cast, self._seed, self._fps, self._journal = cast, show.settings.seed, fps, journal
        wanted = [self._cast.performers, *(round(cue.controls.get("performers", 0)) for cue in show.cues)]
        self._rooms = sorted({max(count, 1) for count in wanted})

    def make(self, model: str) -> Stream:
        """A stream of a file, or of a bundled model, with nobody in it.

        Raises:
            EngineError: there is no such model, or it cannot be played.
        """
        return self.open(load(find_model(model, Path(), "model")), model)

    def open(self, loaded: Loaded, model: str) -> Stream:
        """A stream with nobody in it; errors as for `assemble`."""
        first, *others = self._rooms
        stepped = open_model(loaded, capacity(first, MAX_PERFORMERS), self._cast.device)
        with ExitStack() as opened:
            opened.callback(stepped.close)
            act = make_act(loaded, stepped, seed=self._seed, rows=MAX_PERFORMERS, performers=(), view=self._cast.path)
            opened.callback(act.close)
            for room in others:
                act.reserve(room)
            speed = self._cast.controls.speed
            cadence = Cadence(act.skeleton, model_fps=loaded.spec.fps, fps=self._fps, speed=speed)
            opened.pop_all()
        stream = Stream(act, cadence, loaded.spec.name, lambda: stepped.provider, model)
        if self._journal is None:
            return stream
        logged = Logged(act, self._journal, model=lasting(model), sha256=loaded.sha256)
        return stream._replace(act=logged, number=logged.number)


def lasting(model: str) -> str:
    """What a model is called in any folder: the name of a bundled one, or a whole path.

    Raises:
        ConfigError: there is no such model.
    """
    path = find_model(model, Path(), "model")
    return path.stem if path.parent == MODELS else str(path.absolute())
