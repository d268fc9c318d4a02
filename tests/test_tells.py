"""What the tree of a show says that its frames tell of."""

import msgspec
import numpy as np
from outputs.reference import of

from engine.bill import Bill, Billed
from engine.contracts import Loaded
from engine.controls.tree import Tree
from engine.schema.controls import Part
from engine.schema.show import Act
from engine.tells import tells


def billed(part: Part, *, path: int = 0, labels: tuple[str, ...] = (), cast: Act | None = None) -> Billed:
    """An act, with a map of so many dimensions."""
    arrays = {"path_low": np.zeros(path, np.float32)} if path else {}
    spec = msgspec.structs.replace(of(None), labels=labels)
    return Billed("act", Act(name="solo") if cast is None else cast, Loaded(b"", spec, arrays), part)


def test_a_show_without_signs_and_maps_tells_of_nothing_more() -> None:
    assert tells(Bill(bodies=billed("bodies"), keys=billed("keys"))) == {}


def test_signs_are_told_of_in_the_order_of_their_labels() -> None:
    found = tells(Bill(signs=billed("signs", labels=("alive", "all", "answer"))))
    assert found["sign/label"][0] == "sf"
    tags, words = found["sign/probabilities"]
    assert tags == "fff"
    assert words.endswith("in this order: alive, all, answer")
    node = Tree("/e", {}, parts=("signs",), tells=found).nodes["/e/sign/probabilities"]
    assert (node.access, node.name) == ("r", "")


def test_each_act_with_a_map_has_a_path_and_so_has_each_who_dances() -> None:
    found = tells(Bill(bodies=billed("bodies", path=2), images=billed("images", path=3, cast=Act(name="film"))))
    assert {name: tags for name, (tags, _) in found.items() if not name.startswith("p")} == {
        "solo/path": "ff",
        "film/path": "fff",
    }
    assert (found["p1/path"][0], found["p256/path"][0], len(found)) == ("ff", "ff", 258)


def test_a_path_that_nobody_wants_is_not_told_of() -> None:
    assert tells(Bill(keys=billed("keys", path=2, cast=Act(path="off")))) == {}
