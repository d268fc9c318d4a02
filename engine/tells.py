"""What the frames of a show tell of besides bodies, keys and pictures: addresses that are only read."""

from collections.abc import Iterator, Mapping

from engine.bill import Bill, Billed
from engine.schema.kinds import MAX_PERFORMERS

LABEL = "sign/label"

PROBABILITIES = "sign/probabilities"

PATH = "where the network's memory is on its map, -1 to 1; sent with each frame"

Told = Mapping[str, tuple[str, str]]
"""By the address behind the root: OSC types, and what it is."""


def tells(bill: Bill) -> Told:
    """What these acts tell of, as their models are at the beginning."""
    return {**({} if bill.signs is None else _signs(bill.signs)), **dict(_paths(bill))}


def _signs(billed: Billed) -> Told:
    labels = billed.loaded.spec.labels
    order = f"how likely each sign is, 0 to 1; sent with each frame, in this order: {', '.join(labels)}"
    return {
        LABEL: ("sf", "the sign that was recognised last, and how likely it is; sent once for each"),
        PROBABILITIES: ("f" * len(labels), order),
    }


def _paths(bill: Bill) -> Iterator[tuple[str, tuple[str, str]]]:
    for billed in bill.acts:
        low = billed.loaded.arrays.get("path_low")
        if billed.cast.path == "off" or low is None:
            continue
        told = "f" * len(low), PATH
        yield f"{billed.cast.name}/path", told
        for number in range(1, MAX_PERFORMERS + 1) if billed is bill.bodies else ():
            yield f"p{number}/path", told
