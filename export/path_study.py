"""Maps of one model's memories, taught and measured in the same way."""

import copy
import time
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from engine.schema.frame import F32
from export import path_arrays
from export.alignment import procrustes
from export.memories import of_part, rows
from export.metrics import neighbours
from export.metrics.neighbours import Ended
from export.metrics.path_report import PathLine
from export.nets.path import Autoencoder, linear_map
from export.path_arrays import Box
from export.path_fit import STILL, Lesson, components, learned, lesson
from export.recipe import Recipe
from export.remembered import Memory, Progress

FIRST_ONE = "seed-path"

WHO = {"path": "this path", FIRST_ONE: "the first one"}

LINEAR = "principal components"


class Map(NamedTuple):
    """A map as it was taught, and as a file holds it.

    Attributes:
        net: there and back, of memories standardised by `standard`.
        standard: mean and scale (H,).
        arrays: what is played: laid upon the last map and rounded.
        seconds: of processor time.
    """

    net: Autoencoder
    standard: tuple[F32, F32]
    arrays: dict[str, NDArray[np.generic]]
    seconds: float = 0.0


class Last(NamedTuple):
    """A map that a new one is laid upon: where (N, D) all memories that train are on it, and what it shows."""

    places: F32
    box: Box


def _chosen(places: F32, streams: Sequence[Memory], first: int, last: int) -> F32:
    """Of places (N, D) of all steps of streams those of the steps that are learned from."""
    ends = np.cumsum([len(stream.states) for stream in streams])[:-1]
    return np.concatenate([part[first : last + 1 if last else None] for part in np.split(places, ends)])


class Study:
    """Maps of one model's memories, made and measured in the same way.

    Args:
        wanted: the recipe, whose dimensions and view hold for all maps.
        numbers: of the states.
        streams: what is remembered.
        progress: hears how far it is.
    """

    def __init__(self, wanted: Recipe, numbers: tuple[int, ...], streams: Sequence[Memory], progress: Progress) -> None:
        self._wanted, self._numbers, self._streams, self._progress = wanted, numbers, streams, progress
        self._train, self._test = of_part(streams, "train"), of_part(streams, "test")
        self._held = rows(self._test)

    def map(self, wanted: Recipe, last: Last | None = None, *, again: int = 0) -> Map:
        """A map by a recipe; `again` counts further trainings, each with the next seed."""
        path, began = wanted.path, time.process_time()
        given = lesson(self._train, plain=wanted.net.kind == FIRST_ONE, first=path.first, last=path.last)
        if last is not None:
            given = given._replace(last=torch.from_numpy(_chosen(last.places, self._train, path.first, path.last)))
        net = learned(wanted, given, wanted.train.seed + again, lambda share: self._progress("learning", share))
        return self._stored(net, given, last, time.process_time() - began)

    def line(self, made: Map, wanted: Recipe) -> PathLine:
        """What a map is worth, and how far two further trainings move it: one by itself, and one told of it."""
        again = self.map(wanted, again=1)
        places, other = self._places(made), self._places(again)
        laid = procrustes(other, places).of(other)
        unit = neighbours.span(self._viewed(places))
        moved = neighbours.moved(self._viewed(laid), self._viewed(places), unit)
        held = None
        if wanted.path.hold:
            told = Last(self._of(made, self._train), path_arrays.box_of(made.arrays))
            after = self._places(self.map(wanted, told, again=2))
            held = neighbours.moved(self._viewed(after), self._viewed(places), unit)
        return msgspec.structs.replace(
            self._measured(WHO[wanted.net.kind], made), moved=moved, held=held, seconds=made.seconds
        )

    def beside(self, other: Recipe) -> PathLine:
        """Another recipe's map of as many dimensions, for comparison."""
        alike = msgspec.structs.replace(other.path, dims=self._wanted.path.dims, view=self._wanted.path.view)
        told = msgspec.structs.replace(other, path=alike)
        return self.line(self.map(told), told)

    def linear(self) -> PathLine:
        """The principal components."""
        given = lesson(self._train, plain=False, first=0, last=0)
        net = linear_map(torch.from_numpy(components(given.rows, self._wanted.path.dims)))
        return self._measured(LINEAR, self._stored(net, given, None, 0.0))

    def _stored(self, net: Autoencoder, given: Lesson, last: Last | None, seconds: float) -> Map:
        """A map as a file holds it, laid upon the last one where there is one, whose box stays."""
        played = copy.deepcopy(net)
        with torch.no_grad():
            places = net.encoder(given.rows).numpy()
        if last is not None and given.last is not None:
            path_arrays.laid(played, procrustes(places, given.last.numpy()))
        path_arrays.halved(played)
        shown = path_arrays.box(places) if last is None else last.box
        return Map(net, given.standard, path_arrays.arrays(played, self._numbers, given.standard, shown), seconds)

    def _measured(self, who: str, made: Map) -> PathLine:
        places = self._places(made)
        viewed = [self._viewed(self._of(made, (stream,))) for stream in self._test]
        mean, scale = made.standard
        with torch.no_grad():
            _, again = made.net(torch.from_numpy((self._held - mean) / scale))
        lost = self._held - (again.numpy() * scale + mean)
        spread = np.maximum(rows(self._train).std(axis=0), STILL)
        return PathLine(
            who=who,
            weights=sum(layer.weight.numel() + layer.bias.numel() for layer in made.net.encoding()),
            mse=float(np.square(lost / spread).mean()),
            mse_raw=float(np.square(lost).mean()),
            trustworthiness=neighbours.trustworthiness(self._held, places),
            continuity=neighbours.continuity(self._held, places),
            recognised=self._recognised(made),
            step=neighbours.mean_step(viewed, neighbours.span(self._viewed(places))),
        )

    def _recognised(self, made: Map) -> float | None:
        if not all(stream.label for stream in (*self._train, *self._test)):
            return None
        known, held = (
            Ended(
                np.concatenate([self._of(made, (stream,))[-1:] for stream in part]),
                [stream.label for stream in part],
            )
            for part in (self._train, self._test)
        )
        return neighbours.recognised(known, held)

    def _places(self, made: Map) -> F32:
        """Where the held-out memories are."""
        return path_arrays.encoded(made.arrays, self._held)

    def _of(self, made: Map, streams: Sequence[Memory]) -> F32:
        return path_arrays.encoded(made.arrays, rows(streams))

    def _viewed(self, places: F32) -> F32:
        if self._wanted.path.view == "plain":
            return places
        found: F32 = np.sign(places) * np.log1p(np.abs(places))
        return found
