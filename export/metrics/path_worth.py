"""How true the map of a memory is, beside its principal components: the flat map that needs no training."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from rich.table import Table
from sklearn.decomposition import PCA

from engine.schema.frame import F32
from export.memories import Memory, of_part, rows
from export.metrics import neighbours
from export.metrics.neighbours import Ended


class Worth(NamedTuple):
    """What a map keeps of held-out memories.

    Attributes:
        who: made it.
        trustworthiness: 0 to 1, see `export.metrics.neighbours`; so with `continuity`.
        continuity: likewise.
        recognised: share of signs that the places where they ended tell; None where there are none.
    """

    who: str
    trustworthiness: float
    continuity: float
    recognised: float | None


def measured(streams: Sequence[Memory], maps: Sequence[F32], standard: tuple[F32, F32]) -> list[Worth]:
    """What a map keeps, and what principal components of as many dimensions do.

    Args:
        streams: memories; of those that are `test` is measured, of all where none is.
        maps: (T, D) where the map has them.
        standard: mean and scale (H,) with which the components see memories, as the map does.
    """
    learned, held = (of_part(streams, part) or tuple(streams) for part in ("train", "test"))
    mean, scale = standard
    flat = PCA(maps[0].shape[1], random_state=0).fit((rows(learned) - mean) / scale)
    straight = [np.asarray(flat.transform((stream.states - mean) / scale), np.float32) for stream in streams]
    return [
        _worth(who, streams, places, held) for who, places in (("this map", maps), ("principal components", straight))
    ]


def table(found: Sequence[Worth], title: str) -> Table:
    """Maps beside each other, for a terminal."""
    shown = Table(title=title, title_justify="left")
    shown.add_column("")
    told = any(each.recognised is not None for each in found)
    for name in ("trustworthiness", "continuity", *(["signs told by neighbours"] if told else [])):
        shown.add_column(name, justify="right")
    for who, *figures in found:
        shown.add_row(who, *(f"{figure:.3f}" for figure in figures if figure is not None))
    return shown


def _worth(who: str, streams: Sequence[Memory], maps: Sequence[F32], held: Sequence[Memory]) -> Worth:
    mine = {id(stream) for stream in held}
    places = np.concatenate([place for stream, place in zip(streams, maps, strict=True) if id(stream) in mine])
    memory = rows(held)
    known, asked = _ended(streams, maps, "train"), _ended(streams, maps, "test")
    told = neighbours.recognised(known, asked) if known.labels and asked.labels else None
    return Worth(who, neighbours.trustworthiness(memory, places), neighbours.continuity(memory, places), told)


def _ended(streams: Sequence[Memory], maps: Sequence[F32], part: str) -> Ended:
    """Where the signs of a part ended."""
    mine = [number for number, stream in enumerate(streams) if stream.part == part and stream.label]
    places = np.array([maps[number][-1] for number in mine], np.float32)
    return Ended(places, [streams[number].label for number in mine])
