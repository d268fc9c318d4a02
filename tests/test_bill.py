"""What a show puts on: one act of bodies, one of keys, one of pictures, or several of them."""

from pathlib import Path
from typing import Any

import msgspec
import pianos
import picture_models
import pytest
import toy

from engine import bill
from engine.inference.vet import load
from engine.schema.controls import Controls
from engine.schema.errors import ConfigError, ModelError
from engine.schema.show import Act, Cue, Midi, Performer, Screen, Show


@pytest.fixture
def dance(tmp_path: Path) -> str:
    return str(toy.write(tmp_path / "toy.onnx"))


@pytest.fixture
def film(tmp_path: Path) -> str:
    return str(picture_models.frames_model(tmp_path / "film.onnx"))


@pytest.fixture
def piano(tmp_path: Path) -> str:
    return str(pianos.tiny(tmp_path / "piano.onnx"))


def test_each_act_is_known_by_what_it_plays(dance: str, piano: str) -> None:
    for acts in ((Act(model=dance), Act(model=piano)), (Act(model=piano), Act(model=dance))):
        found = bill.read(Show(acts=acts))
        assert found.bodies is not None
        assert found.keys is not None
        assert (found.bodies.cast.model, found.keys.cast.model) == (dance, piano)
        assert found.keys.loaded.spec == load(piano).spec
        assert found.parts == ("bodies", "keys")
        assert found.first is found.bodies


def test_one_of_them_is_enough(dance: str, piano: str) -> None:
    danced, played = bill.read(Show(acts=(Act(model=dance),))), bill.read(Show(acts=(Act(model=piano),)))
    assert (danced.parts, played.parts) == (("bodies",), ("keys",))
    assert (danced.keys, played.bodies) == (None, None)
    assert played.first is played.keys


def test_a_cue_s_model_is_for_those_who_can_play_it(dance: str, piano: str, tmp_path: Path) -> None:
    cues = (Cue(name="a", model=piano), Cue(name="b", model=dance), Cue(name="c", model=str(tmp_path / "no.onnx")))
    assert bill.read(Show(acts=(Act(model=dance), Act(model=piano)), cues=cues)).models("keys") == [piano]
    assert bill.read(Show(acts=(Act(model=dance),), cues=cues)).models("keys") == []
    assert bill.read(Show(acts=(Act(model=piano),), cues=cues)).models("keys") == [
        piano,
        dance,
        str(tmp_path / "no.onnx"),
    ]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"performers": 2}, "acts[1].performers: 2; expected 1: there is one pianist"),
        ({"performer": (Performer(number=1),)}, "acts[1].performers: 1; expected 1: there is one pianist"),
        ({"loop": True}, "acts[1].loop: true; expected a score to begin again"),
        ({"controls": Controls(speed=2.0)}, "acts[1].controls.speed: 2; expected it in acts[0]: the acts share it"),
    ],
)
def test_what_a_pianist_cannot_do(dance: str, piano: str, keys: dict[str, Any], expected: str) -> None:
    show = Show(acts=(Act(model=dance), Act(model=piano, **keys)))
    with pytest.raises(ConfigError) as caught:
        bill.read(show)
    assert str(caught.value) == expected


def test_what_nobody_plays(dance: str) -> None:
    scored = Show(acts=(Act(model=dance, score="waltz.mid"),))
    with pytest.raises(ConfigError, match=r"act\.score: waltz\.mid; expected none: the act plays bodies that dance"):
        bill.read(scored)
    keyed = Show(acts=(Act(model=dance),), midi=(Midi(port="a"), Midi(port="b", keys=True)))
    with pytest.raises(ConfigError, match=r"midi\[1\]\.keys: true; expected false: no act of this show plays the keys"):
        bill.read(keyed)


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        ({"performers": 2}, "acts[1].performers: 2; expected 1: there is one picture"),
        ({"performer": (Performer(number=1),)}, "acts[1].performers: 1; expected 1: there is one picture"),
        ({"loop": True}, "acts[1].loop: true; expected a score to begin again"),
        (
            {"score": "a.mid"},
            "acts[1].score: a.mid; expected none: the act plays pictures (a model of keys plays it, such as 'piano')",
        ),
        ({"controls": Controls(hold=1)}, "acts[1].controls.hold: 1; expected it in acts[0]: the acts share it"),
        ({"source": "bodies"}, "acts[1].source: bodies; expected an act of bodies beside it"),
    ],
)
def test_what_an_act_of_pictures_cannot_do(piano: str, film: str, images: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        bill.read(Show(acts=(Act(model=piano), Act(model=film, **images))))
    assert str(caught.value) == expected


def test_what_is_for_pictures_alone(dance: str) -> None:
    with pytest.raises(ConfigError, match=r"^act\.source: bodies; expected none: the act plays bodies that dance"):
        bill.read(Show(acts=(Act(model=dance, source="bodies"),)))
    with pytest.raises(ConfigError, match=r"^screens: shm://a; expected none: no act of this show plays pictures"):
        bill.read(Show(acts=(Act(model=dance),), screens=(Screen(kind="shm", host="a"),)))


def test_three_acts_stand_in_their_order(dance: str, piano: str, film: str, tmp_path: Path) -> None:
    cues = tuple(Cue(name=name, model=name) for name in (film, piano, dance, str(tmp_path / "no.onnx")))
    found = bill.read(Show(acts=(Act(model=film), Act(model=piano), Act(model=dance)), cues=cues))
    assert found.parts == ("bodies", "keys", "images")
    assert found.first is found.bodies
    assert [found.models(part) for part in found.parts] == [[dance, str(tmp_path / "no.onnx")], [piano], [film]]


def test_two_of_a_kind(dance: str, piano: str) -> None:
    for model, words in ((dance, "bodies that dance"), (piano, "the keys of a piano")):
        with pytest.raises(ConfigError, match=rf"acts\[1\]\.model: another act of {words}; expected one of each kind"):
            bill.read(Show(acts=(Act(model=model), Act(model=model))))


def test_a_family_that_nobody_knows(piano: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load(piano)
    other = loaded._replace(spec=msgspec.structs.replace(loaded.spec, family="opera"))
    monkeypatch.setattr(bill, "load", lambda _: other)
    with pytest.raises(ConfigError, match=r"opera\.onnx: figurant\.spec: family: no such kind 'opera'"):
        bill.read(Show(acts=(Act(model="opera.onnx"),)))
    monkeypatch.undo()
    with pytest.raises(ModelError):
        bill.read(Show(acts=(Act(model=str(tmp_path / "none.onnx")),)))
