"""OSCQuery's answers, without a network."""

import json
from typing import Any

import pytest

from engine.contracts import Status
from engine.controls.desk import Mirror
from engine.controls.news import News
from engine.controls.query import ATTRIBUTES, Host, Namespace
from engine.controls.tree import Tree
from engine.schema.controls import PARAMETERS, expanded

HOST = Host("show", "127.0.0.1", 9102, 9101)


@pytest.fixture
def mirror() -> Mirror:
    values = {"/e/ctl/performers": (2,), "/e/ctl/temperature": (0.5,), "/e/p1/ctl/temperature": (1,)}
    made = Mirror("/e", values)
    made.report(Status(30.0, 1, 2, 0.5, "dance", "playing", 3, "opening"))
    return made


@pytest.fixture
def space(mirror: Mirror) -> Namespace:
    return Namespace(Tree("/e", expanded(PARAMETERS), cues=("one", "two")), mirror, "/e")


def ask(space: Namespace, target: str) -> Any:
    status, body = space.answer(target, HOST)
    assert status == 200
    return json.loads(body)


def test_the_whole_tree_hangs_together(space: Namespace) -> None:
    def walk(node: dict[str, Any], path: str) -> int:
        assert node["FULL_PATH"] == (path or "/")
        assert node.keys() <= set(ATTRIBUTES)
        return 1 + sum(walk(child, f"{path}/{name}") for name, child in node.get("CONTENTS", {}).items())

    tree = ask(space, "/")
    assert walk(tree, "") > 100
    assert (tree["ACCESS"], [*tree["CONTENTS"]]) == (0, ["e"])


def test_a_knob_says_everything_about_itself(space: Namespace) -> None:
    assert ask(space, "/e/ctl/temperature") == {
        "FULL_PATH": "/e/ctl/temperature",
        "DESCRIPTION": "how freely the dancer moves, also in pictures, and the pianist strikes",
        "ACCESS": 3,
        "TYPE": "f",
        "VALUE": [0.5],
        "RANGE": [{"MIN": 0.0, "MAX": 2.0}],
        "CLIPMODE": ["both"],
    }


def test_a_part_of_the_tree_is_what_it_is_in_the_whole(space: Namespace) -> None:
    whole = ask(space, "/")["CONTENTS"]["e"]
    assert ask(space, "/e") == ask(space, "/e/") == whole
    assert ask(space, "/e/p1/ctl") == whole["CONTENTS"]["p1"]["CONTENTS"]["ctl"]


def test_only_performers_that_play_are_seen(space: Namespace, mirror: Mirror) -> None:
    def seen() -> list[str]:
        return [name for name in ask(space, "/e")["CONTENTS"] if name[0] == "p" and name[1:].isdigit()]

    assert seen() == ["p1", "p2"]
    assert space.answer("/e/p3/ctl/temperature", HOST).status == 404
    mirror.hear([News("/e/ctl/performers", (3,))])
    space.hear(["/e/ctl/performers"])
    assert seen() == ["p1", "p2", "p3"]
    assert space.answer("/e/p3/ctl/temperature", HOST).status == 200


@pytest.mark.parametrize("target", ["/", "/e", "/e/p1", "/e/p1/ctl", "/e/p1/ctl/temperature"])
def test_what_is_kept_is_never_old(space: Namespace, mirror: Mirror, target: str) -> None:
    before = space.answer(target, HOST).body
    mirror.hear([News("/e/p1/ctl/temperature", (0.125,))])
    space.hear(["/e/p1/ctl/temperature"])
    after = space.answer(target, HOST).body
    assert after.count(b'"VALUE":[0.125]') == before.count(b'"VALUE":[0.125]') + 1


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/e/ctl/temperature?VALUE", {"VALUE": [0.5]}),
        ("/e/p1/ctl/temperature?VALUE", {"VALUE": [1.0]}),
        ("/e/ctl/temperature?RANGE", {"RANGE": [{"MIN": 0.0, "MAX": 2.0}]}),
        ("/e/ctl/condition?RANGE", {"RANGE": [{"MIN": -1, "MAX": 15}]}),
        ("/e/ctl/radius?UNIT", {"UNIT": ["distance.m"]}),
        ("/e/ctl/radius?CLIPMODE", {"CLIPMODE": ["both"]}),
        ("/e/ctl/radius?TYPE", {"TYPE": "f"}),
        ("/e/cue/go?RANGE", {"RANGE": [{"VALS": ["one", "two"]}]}),
        ("/e/cue/go?ACCESS", {"ACCESS": 2}),
        ("/e/state/cue?VALUE", {"VALUE": ["opening"]}),
        ("/e/state/late?VALUE", {"VALUE": [1.0]}),
        ("/e/state/late?ACCESS", {"ACCESS": 1}),
        ("/e/ctl?ACCESS", {"ACCESS": 0}),
        ("/e/ctl/latent/15?FULL_PATH", {"FULL_PATH": "/e/ctl/latent/15"}),
        ("/e/ctl/temper%61ture?TYPE", {"TYPE": "f"}),
        ("/?FULL_PATH", {"FULL_PATH": "/"}),
    ],
)
def test_one_attribute(space: Namespace, target: str, expected: object) -> None:
    assert ask(space, target) == expected


def test_what_frames_tell_of_is_seen_with_the_last_that_happened() -> None:
    mirror = Mirror("/e", {})
    tells = {"sign/label": ("sf", "the last sign"), "dance/path": ("ff", "where it is")}
    space = Namespace(Tree("/e", {}, tells=tells), mirror, "/e")
    path = {"FULL_PATH": "/e/dance/path", "DESCRIPTION": "where it is", "ACCESS": 1, "TYPE": "ff"}
    assert ask(space, "/e/dance/path") == path
    assert "VALUE" not in ask(space, "/e/sign/label")
    for word in ("think", "all"):
        news = [News("/e/sign/label", (word, 0.5), event=True)]
        mirror.hear(news)
        space.hear(each.address for each in news)
        assert ask(space, "/e/sign/label?VALUE") == {"VALUE": [word, 0.5]}


def test_contents_can_be_asked_for_too(space: Namespace) -> None:
    assert ask(space, "/e/state?CONTENTS") == {"CONTENTS": ask(space, "/e/state")["CONTENTS"]}


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/e/ctl?VALUE", 204),
        ("/e/ctl/radius?VALUE", 204),
        ("/e/panic?TYPE", 204),
        ("/e/cue/go?VALUE", 204),
        ("/e/ctl/temperature?UNIT", 204),
        ("/e/ctl/temperature?CONTENTS", 204),
        ("/e/ctl/temperature?", 400),
        ("/e/ctl/temperature?value", 400),
        ("/e/ctl/temperature?VALUE&RANGE", 400),
        ("/e/ctl/temperature?VALUE=1", 400),
        ("/e/ctl/temperature?COLOUR", 400),
        ("/nowhere?COLOUR", 400),
        ("/e/%ff%fe", 400),
        ("e", 400),
        ("", 400),
        ("http://127.0.0.1/", 400),
        ("*", 400),
        ("/nowhere", 404),
        ("/nowhere?VALUE", 404),
        ("/e/ctl/temperature/more", 404),
        ("/e//ctl", 404),
        ("/e/ctl/*", 404),
        ("/e/p257", 404),
        ("/e/p0", 404),
        ("/favicon.ico", 404),
        ("/" * 5000, 404),
        ("/a" * 4000, 404),
    ],
)
def test_what_cannot_be_answered_says_why(space: Namespace, target: str, status: int) -> None:
    assert space.answer(target, HOST) == (status, b"")


@pytest.mark.parametrize("target", ["/?HOST_INFO", "/e/ctl?HOST_INFO"])
def test_the_host_says_what_it_does_and_where(space: Namespace, target: str) -> None:
    info = ask(space, target)
    assert info.pop("EXTENSIONS") == dict.fromkeys(
        ("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "UNIT", "CLIPMODE", "LISTEN", "PATH_ADDED", "PATH_REMOVED"), True
    )
    assert info == {
        "NAME": "show",
        "OSC_IP": "127.0.0.1",
        "OSC_PORT": 9101,
        "OSC_TRANSPORT": "UDP",
        "WS_IP": "127.0.0.1",
        "WS_PORT": 9102,
    }


def test_a_show_without_osc_says_so(space: Namespace) -> None:
    info = json.loads(space.answer("/?HOST_INFO", HOST._replace(control=0)).body)
    assert not [key for key in info if key.startswith("OSC")]
