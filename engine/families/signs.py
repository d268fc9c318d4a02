"""The sign family: glove samples, in the units of their recording -> how likely each sign is, sample by sample.

Normalisation, calibration and softmax are in the graph: x (B, F) and the state -> probabilities (B, C), and the state.

Arrays in the model file: `mean` and `scale` (F,) of the samples that it has learnt from; `motion` (M,) int64, the
channels whose movement begins and ends signs.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.contracts import Loaded
from engine.families._arrays import Arrays, floats, place_of
from engine.guard import finite
from engine.inference.bound_graph import BoundGraph
from engine.schema.errors import ModelError
from engine.schema.frame import F32
from engine.schema.model import ModelSpec

PART = "signs"

MOST = 256
"""Classes: their probabilities travel in each frame, within one datagram of 1472 bytes."""


class Signs:
    """The family for one model; see `engine.recognition.Recogniser`."""

    def __init__(self, loaded: Loaded, device: str) -> None:
        spec = self.spec = loaded.spec
        _check(spec)
        self.mean = floats(loaded.arrays, "mean", (spec.features,))
        self.scale = _scale(loaded.arrays, spec.features)
        self.motion = _motion(loaded.arrays, spec.features)
        self._x: F32 = np.zeros((1, spec.features), np.float32)
        self._probabilities: F32 = np.zeros(len(spec.labels), np.float32)
        self._graph = BoundGraph(
            loaded.graph,
            device=device,
            place=spec.name,
            shapes={"x": self._x.shape} | {each.input: tuple(map(abs, each.shape)) for each in spec.state},
            state=[(each.input, each.output) for each in spec.state],
        )
        self.sample(self.mean)
        self.restart()

    @property
    def provider(self) -> str:
        """What the model runs on."""
        return self._graph.provider

    @property
    def probabilities(self) -> F32:
        """How likely each class is; see `Recogniser`."""
        return self._probabilities

    def state(self) -> tuple[F32, ...]:
        """Copies of the state tensors."""
        return self._graph.state()

    def hidden(self, numbers: Sequence[int]) -> Sequence[F32]:
        """Some state tensors as they are; see `Recogniser`."""
        return self._graph.hidden(numbers)

    def sample(self, values: F32) -> bool:
        """Take one sample; see `Recogniser`."""
        if values.shape != self.mean.shape:
            raise ValueError(f"a sample {values.shape} for a model of {self.mean.shape}")
        np.copyto(self._x[0], values)
        if not finite(self._x[0]):
            return False
        (made,) = self._graph.run(self._x)
        if not finite(made[0]):
            self.restart()
            return False
        np.copyto(self._probabilities, made[0])
        return True

    def restart(self) -> None:
        """Forget all samples."""
        self._graph.put(())
        self._probabilities.fill(1.0 / len(self._probabilities))

    def close(self) -> None:
        """Close the graph; harmless twice."""
        self._graph.close()


def create(loaded: Loaded, device: str) -> Signs:
    """Make the family for a vetted model.

    Raises:
        DeviceError: the device is not there.
        ModelError: labels, channels or arrays are missing or do not fit, or the graph does not run.
    """
    return Signs(loaded, device)


def _check(spec: ModelSpec) -> None:
    """Refuse a description that is not one of a model of signs."""
    head, labels, place = spec.head, spec.labels, "figurant.spec"
    if head.kind != "classes" or head.dims != 1:
        raise ModelError(f"{place}: head", f"{head.kind!r} of {head.dims} dims", "'classes' of 1")
    if not 1 <= head.components <= MOST:
        raise ModelError(f"{place}: head.components", str(head.components), f"1 to {MOST} classes")
    if len(labels) != head.components:
        raise ModelError(f"{place}: labels", f"{len(labels)} words", f"{head.components}, one for each class")
    _named(f"{place}: labels", labels, "words")
    if len(spec.channels) != spec.features:
        raise ModelError(f"{place}: channels", f"{len(spec.channels)} names", f"{spec.features}, one for each feature")
    _named(f"{place}: channels", spec.channels, "names")


def _named(place: str, names: tuple[str, ...], what: str) -> None:
    """Refuse names of which one is empty or stands twice."""
    for name in names:
        if not name.strip() or names.count(name) > 1:
            raise ModelError(place, repr(name) + (" twice" if name.strip() else ""), f"{what} that differ")


def _scale(arrays: Arrays, features: int) -> F32:
    scale = floats(arrays, "scale", (features,))
    if not (scale > 0.0).all():
        raise ModelError(place_of("scale"), f"{scale.min():g}", "numbers above 0")
    return scale


def _motion(arrays: Arrays, features: int) -> NDArray[np.int64]:
    """The channels that move."""
    place, expected = place_of("motion"), f"int64 numbers of channels, 0 to {features - 1}, each once"
    if "motion" not in arrays:
        raise ModelError(place, "nothing", expected)
    motion = arrays["motion"]
    if motion.dtype != np.int64 or motion.ndim != 1 or not 1 <= len(motion) <= features:
        raise ModelError(place, f"{motion.dtype} {motion.shape}", expected)
    found: NDArray[np.int64] = motion.astype(np.int64)
    if found.min() < 0 or found.max() >= features or len(np.unique(found)) != len(found):
        raise ModelError(place, ", ".join(map(str, found)), expected)
    return np.ascontiguousarray(found)
