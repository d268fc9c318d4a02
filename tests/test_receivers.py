"""Receivers as a person writes them."""

from pathlib import Path

import pytest

from engine.outputs.vmc import Avatar
from engine.receivers import Context, Kinds, from_table, from_url
from engine.schema.errors import ConfigError
from engine.schema.show import MidiOptions, Options, Output


class Plain(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Fancy(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rest: Avatar | None = None
    mirrored: bool = False


class Midi(MidiOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    release: int = 64


KINDS: Kinds = {"native": Plain, "vmc": Fancy, "midi": Midi}
CONTEXT = Context("--out", Path(), KINDS, Output)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("native://127.0.0.1:9100", Output(kind="native", host="127.0.0.1", port=9100)),
        ("NATIVE://localhost:1", Output(kind="native", host="localhost", port=1)),
        ("native://[::1]:65535", Output(kind="native", host="::1", port=65535)),
        ("vmc://studio.local:39539/", Output(kind="vmc", host="studio.local", port=39539)),
        ("native://a:1?performer=2", Output(kind="native", host="a", port=1, performer=(2,))),
        (
            "native://a:1?performer=1,3&every=2&smooth=1.5&beta=0.5",
            Output(kind="native", host="a", port=1, performer=(1, 3), every=2, smooth=1.5, beta=0.5),
        ),
        ("vmc://a:1?mirrored=true", Output(kind="vmc", host="a", port=1, options=Fancy(mirrored=True))),
        ("midi://FLUID Synth", Output(kind="midi", host="FLUID Synth")),
        ("midi://FLUID%20Synth%20(47):0", Output(kind="midi", host="FLUID Synth (47):0")),
        (
            "midi://Figurant?virtual=true&channel=3&release=0",
            Output(kind="midi", host="Figurant", options=Midi(virtual=True, channel=3, release=0)),
        ),
    ],
)
def test_a_receiver_is_read_from_its_url(url: str, expected: Output) -> None:
    assert from_url(url, CONTEXT) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "native",
        "127.0.0.1:9100",
        "native:127.0.0.1:9100",
        "native://127.0.0.1",
        "native://:9100",
        "native://a:0",
        "native://a:65536",
        "native://a:b",
        "native://[::1:9100",
        "native://me@a:9100",
        "native://a:9100/path",
        "native://a:9100#x",
        "native://a:9100?layout=list",
        "native://a:9100?layout",
        "native://a:9100?port=1",
        "native://a:9100?every=2&every=3",
        "native://a:9100?every=0",
        "native://a:9100?every=often",
        "native://a:9100?performer=",
        "native://a:9100?performer=1,257",
        "native://a:9100?smooth=nan",
        "vmc://a:9100?mirrored=perhaps",
        "vmc://a:9100?rest=no/such.vrm",
        "nativ://a:9100",
        "midi://",
        "midi://?virtual=true",
        "midi://a/b",
        "midi://a#1",
        "midi://a?channel=0",
        "midi://a?channel=17",
        "midi://a?name=b",
        "midi://a?every=2",
        "midi://a?performer=1",
        "midi://a?port=1",
    ],
)
def test_a_broken_url_is_one_line(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        from_url(url, CONTEXT)
    assert str(caught.value).startswith("--out")
    assert "\n" not in str(caught.value)


def test_an_unknown_option_is_named() -> None:
    with pytest.raises(ConfigError, match=r"--out\.layout: no such key; expected one of kind, host, port, performer"):
        from_url("native://a:9100?layout=list", CONTEXT)


def test_a_file_is_looked_for_from_the_folder_of_the_show(tmp_path: Path) -> None:
    (tmp_path / "she.vrm").touch()
    here = Context("outputs[0]", tmp_path, KINDS, Output)
    made = from_url("vmc://a:1?rest=she.vrm", here)
    assert made.options == Fancy(rest=str(tmp_path / "she.vrm"))
    assert from_table({"url": "vmc://a:1", "rest": "she.vrm"}, here) == (made, [])


def test_every_mistake_of_a_table_is_found() -> None:
    made, mistakes = from_table({"kind": "vmc", "port": 0, "every": "2", "mirored": True}, CONTEXT)
    assert made is None
    assert [mistake.place for mistake in mistakes] == ["--out.port", "--out.every", "--out.mirored"]


def test_performers_are_shown_as_they_were_written() -> None:
    with pytest.raises(ConfigError, match=r"--out\.performer: '1,257'; expected the number of a performer, 1 to 256"):
        from_url("native://a:1?performer=1,257", CONTEXT)


def test_a_midi_port_has_a_name_in_place_of_host_and_port() -> None:
    made, mistakes = from_table({"kind": "midi", "name": "FLUID", "channel": 2}, CONTEXT)
    assert mistakes == []
    assert made == Output(kind="midi", host="FLUID", options=Midi(channel=2))
    assert str(made) == "midi://FLUID"
    made, mistakes = from_table({"kind": "midi", "host": "FLUID", "port": 9100}, CONTEXT)
    assert made is None
    assert [mistake.place for mistake in mistakes] == ["--out.host", "--out.port", "--out.name"]
    assert str(mistakes[2]) == "--out.name: nothing; expected some text"


def test_any_other_receiver_has_a_port() -> None:
    made, mistakes = from_table({"kind": "native", "name": "FLUID"}, CONTEXT)
    assert made is None
    assert [mistake.place for mistake in mistakes] == ["--out.name", "--out.port"]
