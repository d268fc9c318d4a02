"""Every address, and the names that things are called by away from OSC."""

import pytest

from engine.controls.board import Board
from engine.controls.tree import KEPT, VERBS, Tree
from engine.schema.controls import PARAMETERS, expanded
from engine.schema.kinds import MAX_PERFORMERS

TREE = Tree("/engine", expanded(PARAMETERS), cues=("intro", "storm"))


def paths(address: str) -> list[str]:
    return [node.path for node in TREE.find(address)]


@pytest.mark.parametrize(
    ("name", "path", "tags"),
    [
        ("temperature", "/engine/ctl/temperature", "f"),
        ("p2/temperature", "/engine/p2/ctl/temperature", "f"),
        ("latent/3", "/engine/ctl/latent/3", "f"),
        ("p64/latent/15", "/engine/p64/ctl/latent/15", "f"),
        ("crossfade", "/engine/model/crossfade", "f"),
        ("run", "/engine/ctl/run", "i"),
        ("performers", "/engine/ctl/performers", "i"),
        ("p1/x", "/engine/p1/ctl/x", "f"),
    ],
)
def test_a_parameter_has_an_address_and_a_name(name: str, path: str, tags: str) -> None:
    node = TREE.parameter(name)
    assert node is not None
    assert (node.path, node.tags, node.access, node.name) == (path, tags, "rw", name)
    assert TREE.name(path) == name


@pytest.mark.parametrize("name", ["x", "p0/blend", "p257/blend", "p1/speed", "p1/performers", "go", "", "p1/"])
def test_what_is_no_parameter_has_none(name: str) -> None:
    assert TREE.parameter(name) is None


def test_ranges_come_from_the_table_that_is_given() -> None:
    own = Tree("/a/b", expanded([control for control in PARAMETERS if control.name == "radius"]))
    node = own.parameter("radius")
    assert node is not None
    assert (node.path, node.low, node.high, node.default, node.unit) == ("/a/b/ctl/radius", 0.5, 100.0, 3.0, "m")
    assert own.parameter("temperature") is None


def test_a_verb_has_an_address_and_says_who_may_call_it() -> None:
    go, stop, prime = TREE.verb("go"), TREE.verb("stop"), TREE.verb("p2/prime")
    assert go is not None
    assert stop is not None
    assert prime is not None
    assert (go.path, go.tags, go.access, go.words) == ("/engine/cue/go", "s", "w", ("intro", "storm"))
    assert (stop.path, prime.path, prime.performer) == ("/engine/stop", "/engine/p2/ctl/prime", 2)
    assert {name for name in VERBS if (node := TREE.verb(name)) and node.trusted} == {"stop", "load"}


def test_the_state_can_only_be_read() -> None:
    assert {node.access for node in TREE.find("/engine/state/*")} == {"r"}
    assert len(TREE.find("/engine/state/*")) == 10


def test_values_are_sent_in_their_type() -> None:
    run, blend = TREE.parameter("run"), TREE.parameter("blend")
    assert run is not None
    assert blend is not None
    assert [type(node.arguments(1.0)[0]) for node in (run, blend)] == [int, float]


def test_what_stands_at_each_address_comes_from_the_board() -> None:
    board = Board(expanded(PARAMETERS), fps=60, initial={0: {"sigma": 0.5}, 2: {"x": 3.0}})
    values = TREE.values(board.target)
    found = [values[f"/engine/{path}"] for path in ("ctl/sigma", "p2/ctl/x", "ctl/run", "model/crossfade")]
    assert found == [(0.5,), (3.0,), (1,), (2.0,)]
    assert set(values) == {path for path, node in TREE.nodes.items() if node.knob}


def test_an_address_finds_its_node_and_a_pattern_all_that_it_matches() -> None:
    assert paths("/engine/p3/ctl/blend") == ["/engine/p3/ctl/blend"]
    assert paths("/engine/nothing") == paths("/nothing/*") == paths("/") == paths("*") == []
    assert paths("/engine/p[1-3]/ctl/{blend,sigma}") == [
        f"/engine/p{number}/ctl/{name}" for number in (1, 2, 3) for name in ("sigma", "blend")
    ]
    assert len(paths("/engine/p*/ctl/latent/*")) == 16 * MAX_PERFORMERS
    assert "/engine/ctl/latent/0" in paths("/*/*/*/*")


def test_every_node_is_found_by_walking() -> None:
    waiting, found = [TREE.top], []
    while waiting:
        branch = waiting.pop()
        waiting += branch.children.values()
        found += [branch.node.path] if branch.node is not None else []
        assert branch.node is None or branch.node.path == branch.path
    assert sorted(found) == sorted(TREE.nodes)


def test_a_part_of_the_tree_is_found_by_its_address() -> None:
    latent = TREE.branch("/engine/ctl/latent")
    assert latent is not None
    assert (latent.path, latent.node, list(latent.children)[:2]) == ("/engine/ctl/latent", None, ["0", "1"])
    assert TREE.branch("/") is TREE.top
    assert TREE.branch("/engine/ctl/blend/0") is None
    assert TREE.branch("/nowhere") is None


def test_patterns_are_remembered_but_not_for_ever() -> None:
    tree = Tree("/engine", expanded(PARAMETERS))
    assert tree.recall("/engine/ctl/s*") is None
    found = tree.find("/engine/ctl/s*")
    assert tree.recall("/engine/ctl/s*") is found
    for number in range(KEPT):
        tree.find(f"/engine/*/{number}")
    assert tree.recall("/engine/ctl/s*") is None
    assert tree.recall("/engine/ctl/none") == ()


def test_of_a_pattern_that_means_too_much_no_more_is_found_than_shows_it() -> None:
    tree = Tree("/engine", expanded(PARAMETERS))
    assert len(tree.find("/engine/p*/ctl/latent/*", 100)) == 101
    assert tree.recall("/engine/p*/ctl/latent/*") is None
    assert len(tree.find("/engine/p[1-4]/ctl/sigma", 4)) == 4
    assert tree.recall("/engine/p[1-4]/ctl/sigma") is not None


def test_a_sample_has_a_number_for_each_channel_and_its_end_stands_below_it() -> None:
    tree = Tree("/e", {}, parts=("signs",), sample=22)
    sample, rest = tree.nodes["/e/in/glove"], tree.nodes["/e/in/glove/rest"]
    assert (sample.verb, sample.tags, rest.verb, rest.tags) == ("glove", "f" * 22, "glove_rest", "")
    branch = tree.branch("/e/in/glove")
    assert branch is not None
    assert branch.node is sample
    assert branch.children["rest"].node is rest
    assert "/e/in/glove" not in Tree("/e", {}, parts=("bodies", "keys", "images")).nodes
