"""One model reading signs, from samples to labels; pure but for what it keeps."""

from typing import NamedTuple

from engine.path import PathEncoder
from engine.recognition import Recogniser
from engine.schema.controls import Controls
from engine.schema.frame import F32, Label
from engine.schema.model import ModelSpec


class SignCounters(NamedTuple):
    """What happened so far in an act that reads signs.

    Attributes:
        samples: that were heard.
        signs: that were told.
        unsure: that were not told, as the model was less certain than was asked.
        unsound: samples that are no finite numbers, or of which the model makes none.
    """

    samples: int = 0
    signs: int = 0
    unsure: int = 0
    unsound: int = 0


class SignAct:
    """Reads signs sample by sample.

    With the movement that begins a sign the model begins anew, so what it says of a sign depends on nothing before it.
    Between signs it is not stepped: probabilities and path stay as they were at the end of the last one.

    Args:
        recogniser: the model, just made; `close` closes it.
        path: where its memory is on its map; None: that is not asked for.

    Attributes:
        spec: of the model.
        mean: (F,) what a channel is that nobody measures.
        signing: whether a sign goes on.
        path: (D,) where the memory is, a view; None without an encoder.

    Raises:
        ModelError: settings are missing.
    """

    spec: ModelSpec
    mean: F32
    signing: bool
    path: F32 | None

    def __init__(self, recogniser: Recogniser, *, path: PathEncoder | None = None) -> None:
        raise NotImplementedError

    @property
    def provider(self) -> str:
        """What the model runs on."""
        raise NotImplementedError

    @property
    def counters(self) -> SignCounters:
        """What happened up to now, `restart` or not."""
        raise NotImplementedError

    @property
    def probabilities(self) -> F32:
        """(C,) how likely each sign is; all the same before the first one. A view."""
        raise NotImplementedError

    def sample(self, values: F32, controls: Controls) -> Label | None:
        """Take a sample (F,) float32, in the units of the training; give the sign that is recognised with it.

        A sign is told once: at its end, or as soon as it is certain enough for `controls.early`.
        """
        raise NotImplementedError

    def rest(self, controls: Controls) -> Label | None:
        """Nobody sends any more, or said so: the sign is over. Gives it as `sample` does; harmless where none is."""
        raise NotImplementedError

    def restart(self) -> None:
        """Begin anew, as an act that was just made."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the model; harmless twice."""
        raise NotImplementedError
