"""Pictures that a network makes of pictures, one from the other, its memory a film of its own (ConvLSTM).

A step takes the picture that was seen last and gives the one that is to come. It sees a stored beginning first; from
there on it sees its own, or what is given from outside, whose next picture it then shows. Left to itself its picture
blurs, fades away or floods in the end, so it begins again from another beginning, blended.

Between two frames the last one stays: half of a digit here and half of it there would be the very ghost that the
network has learnt not to leave behind.

Array in the model file: `contexts` (N, T, H, W) uint8, the stored beginnings.
"""

import math
from collections.abc import Sequence

import numpy as np

from engine.contracts import Counters, Loaded
from engine.families._arrays import octets
from engine.images.levels import energy, fade_over, to_grey, to_light
from engine.inference.bound_graph import BoundGraph
from engine.motion.ease import ease
from engine.sampling.noise import pick
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32, U8, Image
from engine.schema.model import ModelSpec, Size

PART = "images"

BLEND = 0.5
"""Seconds in which one film goes over to another."""

FAINTEST, STRONGEST = 0.25, 2.5
"""Shares of the least and of the most energy of the beginnings between which a picture counts as one."""

ALONE = 30.0
"""Seconds that it goes on from its own pictures: several times as far as networks like it foresee anything."""


class Frames:
    """The family for one model; see `engine.imagery.Imagery`."""

    def __init__(self, loaded: Loaded, device: str, seed: int) -> None:
        spec = self.spec = loaded.spec
        size = _size(spec)
        rows, columns = size.height, size.width
        self.poses, self.takes = 0, True
        self._contexts = octets(loaded.arrays, "contexts", (-1, -1, rows, columns))
        self._x: F32 = np.zeros((1, 1, rows, columns), np.float32)
        self._last, self._from, self._mixed = np.zeros((3, rows, columns), np.float32)
        self._pixels: U8 = np.zeros((rows, columns), np.uint8)
        self._image = Image(self._pixels)
        self._frames, self._alone_most = max(1, round(BLEND * spec.fps)), max(1, round(ALONE * spec.fps))
        self._counts = dict.fromkeys(Counters._fields, 0)
        self._seed, self._count, self._left, self._alone, self._context = seed, 0, 0, 0, 0
        self._graph = BoundGraph(
            loaded.graph,
            device=device,
            place=spec.name,
            shapes={"x": self._x.shape} | {each.input: tuple(map(abs, each.shape)) for each in spec.state},
            state=[(each.input, each.output) for each in spec.state],
        )
        self._remembered = [self._seen(context) for context in self._contexts]
        self._low, self._high = self._range()
        self._rehearse()
        self.restart(seed)

    @property
    def provider(self) -> str:
        """What the model runs on."""
        return self._graph.provider

    @property
    def counters(self) -> Counters:
        """What happened up to now."""
        return Counters(**self._counts)

    def advance(self, controls: Controls, given: U8 | None) -> None:  # noqa: ARG002 (the model has no knobs)
        """Compute the next picture; see `Imagery`."""
        self._counts["frames"] += 1
        self._count += 1
        if given is not None:
            if self._alone:
                self._blend()
            self._alone = 0
            to_light(given, self._last)
        else:
            self._alone += 1
        np.copyto(self._x[0, 0], self._last)
        (made,) = self._graph.run(self._x)
        strength = energy(made[0, 0])
        if not math.isfinite(strength):
            self._counts["guarded"] += 1
            self._prime()
        else:
            np.copyto(self._last, made[0, 0])
            if given is None and (not self._low <= strength <= self._high or self._alone > self._alone_most):
                self._prime()
        self._show()

    def image(self, phase: float, controls: Controls, given: U8 | None = None) -> Image:  # noqa: ARG002
        """The last picture, which stays until the next one; see `Imagery`."""
        return self._image

    def state(self) -> tuple[F32, ...]:
        """Copies of the state tensors; see `Imagery`."""
        return self._graph.state()

    def hidden(self, numbers: Sequence[int]) -> Sequence[F32]:
        """Some state tensors as they are; see `Imagery`."""
        return self._graph.hidden(numbers)

    def reseed(self, seed: int) -> None:
        """Choose other beginnings from now on."""
        self._seed = seed

    def restart(self, seed: int) -> None:
        """Begin anew with a beginning that the seed chooses."""
        self._seed, self._count, self._left = seed, 0, 0
        self._begin(pick(seed, 0, 0, len(self._contexts)))
        self._show()

    def close(self) -> None:
        """Close the graph; harmless twice."""
        self._graph.close()

    def _prime(self) -> None:
        """Begin again with another beginning, blended over what is shown."""
        others = max(1, len(self._contexts) - 1)
        step = 1 + pick(self._seed, self._count, 0, others)
        self._blend()
        self._begin((self._context + step) % len(self._contexts))
        self._counts["primed"] += 1

    def _blend(self) -> None:
        """Go over to what comes from what is shown."""
        to_light(self._pixels, self._from)
        self._left = self._frames

    def _begin(self, context: int) -> None:
        """Stand at the end of a stored beginning, with the memory of what came before."""
        self._context, self._alone = context, 0
        self._graph.put(self._remembered[context])
        to_light(self._contexts[context, -1], self._last)

    def _show(self) -> None:
        """Bring what is shown up to date."""
        if self._left == 0:
            to_grey(self._last, self._pixels)
            return
        fade_over(self._from, self._last, ease("smooth", self._left / self._frames), self._mixed)
        to_grey(self._mixed, self._pixels)
        self._left -= 1

    def _rehearse(self) -> None:
        """Go every way once, as the first time takes long, and forget it."""
        for given in (None, self._contexts[0, 0]):
            self.advance(Controls(), given)
            self._prime()
        self._show()
        self._counts = dict.fromkeys(self._counts, 0)

    def _seen(self, context: U8) -> tuple[F32, ...]:
        """The memory of a model that has seen a beginning (T, H, W) but for its last picture."""
        self._graph.put(())
        for picture in context[:-1]:
            to_light(picture, self._x[0, 0])
            self._graph.run(self._x)
        return self._graph.state()

    def _range(self) -> tuple[float, float]:
        """The energy of a picture that is one."""
        found = [float(np.square(context / 255.0).mean(axis=(1, 2)).mean()) for context in self._contexts]
        return FAINTEST * min(found), STRONGEST * max(found)


def create(loaded: Loaded, device: str, seed: int) -> Frames:
    """Make the family for a vetted model.

    Raises:
        DeviceError: the device is not there.
        ModelError: the beginnings are missing or of another size, or the graph does not run.
    """
    return Frames(loaded, device, seed)


def _size(spec: ModelSpec) -> Size:
    if spec.image is None or spec.head.kind != "frame":
        raise ModelError("figurant.spec: head.kind", repr(spec.head.kind), "'frame', and the size of the pictures")
    return spec.image
