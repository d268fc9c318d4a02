"""A show file: what it means, and every mistake with its place."""

from pathlib import Path

import pytest

import engine.bundled
from engine import config
from engine.outputs.vmc import Avatar
from engine.receivers import Kinds
from engine.schema.controls import CONTROLS, Controls
from engine.schema.errors import ConfigError
from engine.schema.show import Act, Options, Output, Performer, Settings, Show


class Plain(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Fancy(Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rest: Avatar | None = None
    mirrored: bool = False


KINDS: Kinds = {"native": Plain, "vmc": Fancy}


@pytest.fixture(autouse=True)
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bundled"
    folder.mkdir()
    (folder / "dance.onnx").touch()
    monkeypatch.setattr(engine.bundled, "MODELS", folder)
    return folder


@pytest.fixture
def write(tmp_path: Path) -> Path:
    return tmp_path / "show.toml"


def mistakes(path: Path, text: str) -> list[str]:
    path.write_text(text)
    return [str(mistake) for mistake in config.check(path, KINDS)]


def test_an_empty_file_is_the_default_show(write: Path, bundled: Path) -> None:
    assert mistakes(write, "") == []
    assert config.load(write, KINDS) == config.default()
    assert config.default().acts == (Act(model=str(bundled / "dance.onnx")),)


@pytest.mark.parametrize(
    ("model", "name"), [("mine.onnx", "mine"), ("été 2.onnx", "t-2"), ("_" * 40 + ".onnx", "_" * 32)]
)
def test_an_act_without_a_name_has_its_model_s(write: Path, tmp_path: Path, model: str, name: str) -> None:
    (tmp_path / model).touch()
    assert mistakes(write, f'[act]\nmodel = "{model}"') == []
    assert config.load(write, KINDS).acts[0].name == name


def test_mistakes_of_takes_are_named(write: Path) -> None:
    assert mistakes(write, '[takes]\nfolder = ""\nrecord = "yes"\nrotate = -1\nrotating = 1') == [
        "takes.folder: ''; expected a folder",
        "takes.record: 'yes'; expected true or false",
        "takes.rotate: -1; expected megabytes, 1 to 1000000, or 0 for no limit",
        "takes.rotating: no such key (did you mean 'rotate'?); expected one of folder, record, rotate",
    ]


def test_everything_that_is_written_is_read(write: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.onnx").touch()
    write.write_text(
        """
        [show]
        fps = 29.97
        seed = 7
        root = "/stage/left"
        [[acts]]
        name = "duo"
        model = "mine.onnx"
        performers = 2
        device = "cpu"
        controls = { temperature = 1, condition = 1 }
        [[acts.performer]]
        number = 2
        seed = 9
        x = -1.5
        heading = 90
        controls = { sigma = 0.5 }
        [[outputs]]
        url = "native://[::1]:9100/"
        every = 2
        [[outputs]]
        kind = "vmc"
        host = "studio.local"
        port = 39539
        performer = 2
        mirrored = true
        """
    )
    duo = Act(
        name="duo",
        model=str(tmp_path / "mine.onnx"),
        performers=2,
        device="cpu",
        controls=Controls(temperature=1.0, condition=1),
        performer=(Performer(number=2, seed=9, x=-1.5, heading=90, controls={"sigma": 0.5}),),
    )
    outputs = (
        Output(kind="native", host="::1", port=9100, every=2),
        Output(kind="vmc", host="studio.local", port=39539, performer=(2,), options=Fancy(mirrored=True)),
    )
    settings = Settings(fps=29.97, seed=7, root="/stage/left")
    assert config.load(write, KINDS) == Show(settings=settings, acts=(duo,), outputs=outputs)
    assert [str(made) for made in outputs] == ["native://[::1]:9100", "vmc://studio.local:39539"]


def test_the_show_that_comes_along_is_the_default_one() -> None:
    path = Path(__file__).parents[1] / "configs" / "dance.toml"
    shown = config.load(path, KINDS)
    assert shown == Show(settings=Settings(fps=30), acts=config.default().acts)
    named = [control.name for control in CONTROLS if control.count == 1 and "bodies" in control.parts]
    assert all(f"\n{name} = " in path.read_text() for name in named)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[show]\nfsp = 30", "show.fsp: no such key (did you mean 'fps'?); expected one of fps, seed, root, control"),
        ("[shows]", "shows: no such key (did you mean 'show'?); expected one of show, act, acts, outputs"),
        ("show = 3", "show: 3; expected a table [show]"),
        ("[show]\nfps = 0", "show.fps: 0; expected frames per second, over 0 and up to 1000"),
        ("[show]\nfps = -1", "show.fps: -1; expected frames per second, over 0 and up to 1000"),
        ("[show]\nfps = 1001", "show.fps: 1001; expected frames per second, over 0 and up to 1000"),
        ("[show]\nfps = nan", "show.fps: nan; expected frames per second, over 0 and up to 1000"),
        ("[show]\nfps = inf", "show.fps: inf; expected frames per second, over 0 and up to 1000"),
        ("[show]\nfps = true", "show.fps: true; expected frames per second, over 0 and up to 1000"),
        ("[show]\nfps = '30'", "show.fps: '30'; expected frames per second, over 0 and up to 1000"),
        ("[show]\nseed = -1", "show.seed: -1; expected a whole number from 0 to 2**63 - 1"),
        ("[show]\nseed = 1.5", "show.seed: 1.5; expected a whole number from 0 to 2**63 - 1"),
        ("[show]\nroot = 'engine'", "show.root: 'engine'; expected an OSC address such as '/engine'"),
        ("[act]\nperformers = 0", "act.performers: 0; expected a whole number from 1 to 256"),
        ("[act]\nperformers = 257", "act.performers: 257; expected a whole number from 1 to 256"),
        ("[act]\ndevice = 'gpu'", "act.device: 'gpu'; expected 'cpu', 'cuda' or 'auto'"),
        ("[act]\nname = 'a b'", "act.name: 'a b'; expected letters, digits, - and _"),
        ("[act]\nmodel = 'jazz'", "act.model: no model 'jazz'; expected an .onnx file (bundled: dance)"),
        ("[act]\ncontrols = 1", "act.controls: 1; expected a table [act.controls]"),
        ("[act.controls]\ntemprature = 1", "act.controls.temprature: no such key (did you mean 'temperature'?)"),
        ("[act.controls]\ntemperature = 3", "act.controls.temperature: 3; expected a number from 0 to 2"),
        ("[act.controls]\ntemperature = nan", "act.controls.temperature: nan; expected a number from 0 to 2"),
        ("[act.controls]\ncondition = 0.5", "act.controls.condition: 0.5; expected a whole number from -1 to 15"),
        ("[[act.performer]]", "act.performer[0].number: nothing; expected the number of a performer, 1 to 256"),
        ("[act]\nperformer = 1", "act.performer: 1; expected [[act.performer]] tables"),
        (
            "[[act.performer]]\nnumber = 257",
            "act.performer[0].number: 257; expected the number of a performer, 1 to 256",
        ),
        (
            "[[act.performer]]\nnumber = 1\n[[act.performer]]\nnumber = 1",
            "act.performer[1].number: 1 for the second time; expected each performer once",
        ),
        (
            "[[act.performer]]\nnumber = 1\ncontrols = { speed = 2 }",
            "act.performer[0].controls.speed: no such key; expected one of temperature",
        ),
        ("[show]\ncontrol = -1", "show.control: -1; expected a port from 1 to 65535, or 0 for none"),
        ("[act]\n[[acts]]", "acts: both [act] and [[acts]]; expected one of them"),
        (
            "[[acts]]\n[[acts]]\n[[acts]]\n[[acts]]\n[[acts]]",
            "acts: 5 acts; expected at most one of bodies, of keys, of pictures and of signs",
        ),
        ("[[acts]]\n[[acts]]", "acts[1].name: 'dance' for the second time; expected each name once"),
        ("[act]\nname = 'p2'", "act.name: 'p2'; expected another name than a performer's"),
        ("acts = [1]", "acts[0]: 1; expected a table [acts[0]]"),
        ("[outputs]", "outputs: a table; expected [[outputs]] tables"),
        ("[[outputs]]\nkind = 'native'", "outputs[0].port: nothing; expected a port from 1 to 65535"),
        ("[[outputs]]\nport = 1", "outputs[0].kind: nothing; expected some text"),
        ("[[outputs]]\nkind = 'native'\nport = 65536", "outputs[0].port: 65536; expected a port from 1 to 65535"),
        (
            "[[outputs]]\nkind = 'vcm'\nport = 1",
            "outputs[0].kind: no such kind 'vcm' (did you mean 'vmc'?); exp",
        ),
        ("[[outputs]]\nulr = 'x'", "outputs[0].ulr: no such key (did you mean 'url'?)"),
        ("[[outputs]]\nurl = 9100", "outputs[0].url: 9100; expected KIND://HOST:PORT"),
        ("[[outputs]]\nurl = 'native://a:1'\nport = 1", "outputs[0]: url and port; expected each said once"),
        (
            "[[outputs]]\nurl = 'native://a:1'\n[[outputs]]\nurl = 'native://a:1'",
            "outputs[1]: native://a:1 for the second time; expected each once",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(write: Path, text: str, expected: str) -> None:
    found = mistakes(write, text)
    assert found[0].startswith(expected)
    assert all("\n" not in line for line in found)
    with pytest.raises(ConfigError) as caught:
        config.load(write, KINDS)
    assert str(caught.value) == found[0]


def test_every_mistake_is_found_at_once(write: Path) -> None:
    text = """
        [show]
        fps = 0
        sed = 7
        [act]
        performers = "two"
        [act.controls]
        sigma = -1
        pul = 0
        [[outputs]]
        kind = "nativ"
        port = 0
        [[outputs]]
        url = "native://127.0.0.1"
        """
    places = [line.split(": ")[0] for line in mistakes(write, text)]
    assert places == [
        "show.fps",
        "show.sed",
        "act.performers",
        "act.controls.sigma",
        "act.controls.pul",
        "outputs[0].kind",
        "outputs[1].url",
    ]


@pytest.mark.parametrize("data", [b"[show\nfps = 3", b"\xff\xfe", b"a = " + b"[" * 5000, b"fps = 1\nfps = 2"])
def test_what_is_no_toml_is_one_line(write: Path, data: bytes) -> None:
    write.write_bytes(data)
    found = config.check(write, KINDS)
    assert len(found) == 1
    assert found[0].place == str(write)
    assert "\n" not in str(found[0])


def test_a_file_that_is_not_there_is_one_line(write: Path) -> None:
    found = config.check(write, KINDS)
    assert [str(line) for line in found] == [f"{write}: No such file or directory; expected a readable show (TOML)"]
