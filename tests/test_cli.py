"""The command line: good input, bad input, exit codes."""

import subprocess
import sys
from pathlib import Path

import msgspec
import onnx
import pianos
import pytest
import toy
from onnx import TensorProto, helper

from engine import __version__, bundled, cli
from engine.cache import Cache
from engine.runtime import show
from engine.runtime.failure import BrokeOffError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a bundled dance, a good show and files that are none of ours; the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Cache, "kernels", lambda _: 1)  # nobody is told that the first start compiles
    monkeypatch.setattr(bundled, "MODELS", tmp_path / "bundled")
    (tmp_path / "bundled").mkdir()
    toy.write(tmp_path / "bundled" / "dance.onnx")
    model = toy.write(tmp_path / "toy.onnx").read_bytes()
    (tmp_path / "cut.onnx").write_bytes(model[: len(model) // 2])
    (tmp_path / "text.onnx").write_text("this is no model\n")
    (tmp_path / "empty.onnx").touch()
    identity = helper.make_node("Identity", ["x"], ["y"])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("x", "y")]
    foreign = helper.make_model(helper.make_graph([identity], "foreign", ends[:1], ends[1:]))
    onnx.save(foreign, str(tmp_path / "foreign.onnx"))
    toy.write(tmp_path / "stray.onnx", msgspec.structs.replace(toy.SPEC, family="pointz"))
    pianos.tiny(tmp_path / "bundled" / "piano.onnx")
    (tmp_path / "silent.mid").write_bytes(
        b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x60MTrk\x00\x00\x00\x04\x00\xff\x2f\x00"
    )
    (tmp_path / "cut.mid").write_bytes(b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x60MTrk\x00\x00")
    (tmp_path / "both.toml").write_text("[[acts]]\nmodel = 'toy.onnx'\n[[acts]]\nmodel = 'piano'\nscore = 'nocturne'\n")
    (tmp_path / "good.toml").write_text("[act]\nmodel = 'toy.onnx'\n")
    (tmp_path / "typo.toml").write_text("[show]\nfsp = 30\n")
    (tmp_path / "takes.toml").write_text("[takes]\nrotate = -1\n")
    (tmp_path / "file.toml").write_text("[act]\nmodel = 'toy.onnx'\n[takes]\nfolder = 'text.onnx'\nrecord = true\n")
    (tmp_path / "broken.toml").write_text("[show\n")
    return tmp_path


def run(*arguments: str) -> int:
    return cli.run(list(arguments))


DEAF = ("--control", "0", "--oscquery", "0")
NOWHERE = ("--out", "native://127.0.0.1:9", *DEAF)

BAD = [
    (["serve", "--fps", "0"], "--fps: 0.0; expected frames per second"),
    (["serve", "--fps", "-1"], "--fps: -1.0"),
    (["serve", "--fps", "1001"], "--fps: 1001.0"),
    (["serve", "--fps", "nan"], "--fps: nan"),
    (["serve", "--fps", "inf"], "--fps: inf"),
    (["serve", "--fps", "fast"], "--fps"),
    (["serve", "--fsp", "30"], "No such option: --fsp"),
    (["serve", "--seed", "-1"], "--seed: -1; expected a whole number from 0"),
    (["serve", "--temperature", "nan"], "--temperature: nan; expected a number from 0 to 2"),
    (["serve", "--temperature", "3"], "--temperature: 3.0"),
    (["serve", "--performers", "0"], "--performers: 0; expected a whole number from 1 to 256"),
    (["serve", "--latency", "low"], "--latency: 'low'; expected 'steady' or 'latch'"),
    (["serve", "--device", "gpu"], "--device: 'gpu'; expected 'cpu', 'cuda' or 'auto'"),
    (["serve", "--path", "map"], "--path: 'map'; expected 'off', 'plain' or 'log'"),
    (["serve", "--record", "--takes", "text.onnx"], "takes.folder: 'text.onnx': "),
    (["serve", "--takes", ""], "--takes: ''; expected a folder"),
    (["serve", "takes.toml"], "takes.rotate: -1; expected megabytes"),
    (["check", "file.toml"], "takes.folder: 'text.onnx': there is a file of that name; expected a folder"),
    (["serve", "--for", "10"], "--for: '10'; expected a time such as 10s"),
    (["serve", "--for", "0s"], "--for: '0s'"),
    (["serve", "--for", "-1s"], "--for: '-1s'"),
    (["serve", "--for", "nans"], "--for: 'nans'"),
    (["serve", "--out", "nativ://a:1"], "--out: no such kind 'nativ' (did you mean 'native'?)"),
    (["serve", "--out", "native://127.0.0.1"], "--out: 'native://127.0.0.1'; expected native://HOST:PORT"),
    (["serve", "--out", "native://127.0.0.1:99999"], "--out: "),
    (["serve", "--out", "native://127.0.0.1:9100?x=1"], "--out.x: no such key"),
    (["serve", "--out", "native://a..b:9100"], "a..b:9100: a host that does not resolve"),
    (["serve", "jazz"], "model: no model 'jazz'; expected an .onnx file (bundled: dance, piano)"),
    (["serve", "missing.onnx"], "model: no such file 'missing.onnx'"),
    (["serve", "text.onnx"], "text.onnx: not an ONNX model"),
    (["serve", "empty.onnx"], "empty.onnx: 0 bytes"),
    (["serve", "cut.onnx"], "cut.onnx: "),
    (["serve", "foreign.onnx"], "foreign.onnx: "),
    (["serve", "stray.onnx"], "figurant.spec: family: no such kind 'pointz' (did you mean 'points'?)"),
    (["serve", "missing.toml"], "missing.toml: No such file"),
    (["serve", "typo.toml"], "show.fsp: no such key (did you mean 'fps'?)"),
    (["serve", "broken.toml"], "broken.toml: "),
    (["serve", "."], "model: no "),
    (["serve", "toy.onnx", "more"], "unexpected extra argument"),
    (["serve", "good.toml", "--show", "good.toml"], "--show: good.toml; expected none beside good.toml"),
    (["serve", "piano", "--score", "silent.mid"], "silent.mid: "),
    (["serve", "piano", "--score", "cut.mid"], "cut.mid: "),
    (["serve", "piano", "--score", "waltz"], "--score: no score 'waltz'; expected a .mid file (bundled: nocturne)"),
    (["serve", "piano", "--loop"], "act.loop: true; expected a score to begin again"),
    (["serve", "piano", "--performers", "2"], "act.performers: 2; expected 1: there is one pianist"),
    (["serve", "--score", "nocturne"], "expected none: the act plays bodies that dance"),
    (["serve", "--midi", "Digital Piano"], "midi[0].keys: true; expected false: no act of this show plays the keys"),
    (["inspect", "missing.onnx"], "MODEL: no such file 'missing.onnx'"),
    (["inspect", "foreign.onnx"], "foreign.onnx: "),
    (["inspect"], "Missing argument 'MODEL'"),
    (["check", "missing.toml"], "missing.toml: No such file"),
    (["check", "typo.toml"], "show.fsp: no such key"),
    (["dance"], "No such command 'dance'"),
]


@pytest.mark.parametrize(("arguments", "line"), BAD, ids=[" ".join(arguments) for arguments, _ in BAD])
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str], line: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    said, complained = capfd.readouterr()
    assert said == ""
    assert complained.startswith("engine: ")
    assert line in complained
    assert complained.count("\n") == 1
    assert "\n" not in complained.rstrip("\n")


def test_check_names_every_mistake(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (home / "bad.toml").write_text("[show]\nfps = 0\n[act]\nperformers = 0\n[[outputs]]\nurl = 'x'\n")
    assert run("check", "bad.toml") == 2
    said, complained = capfd.readouterr()
    assert said == ""
    assert [line.split(": ")[1] for line in complained.splitlines()] == ["show.fps", "act.performers", "outputs[0].url"]


def test_check_opens_the_model_and_asks_for_the_receivers(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (home / "bad.toml").write_text("[act]\nmodel = 'text.onnx'\n[[outputs]]\nurl = 'native://a..b:1'\n")
    assert run("check", "bad.toml") == 2
    assert [line.split(": ")[1] for line in capfd.readouterr().err.splitlines()] == ["text.onnx", "outputs[0]"]


def test_check_says_ok(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("check", "good.toml") == 0
    assert capfd.readouterr() == ("ok: good.toml\n", "")


@pytest.mark.parametrize("source", [[], ["dance"], ["toy.onnx"], ["good.toml"]])
def test_serve_says_what_plays_and_how_it_went(source: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert run("serve", *source, "--fps", "60", "--for", "50ms", "--seed", "5", *NOWHERE) == 0
    said, complained = capfd.readouterr()
    lines = said.splitlines()
    assert lines[0] == "toy [31m: 1 performer at 60 fps, seed 5, to native://127.0.0.1:9"
    assert lines[1] == "made of nothing"
    assert lines[2] == "steered over nothing"
    assert lines[3].startswith("computed by ")
    assert lines[4].endswith(" s at 60 fps")
    assert complained == ""


@pytest.mark.parametrize(
    ("source", "played"),
    [
        (["piano"], "tiny piano: keys that come in"),
        (["piano.onnx", "--score", "nocturne", "--loop"], "tiny piano: nocturne"),
        (["--show", "both.toml"], "toy [31m: 1 performer; tiny piano: nocturne"),
    ],
)
def test_serve_plays_the_piano(source: list[str], played: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("serve", *source, "--for", "50ms", *NOWHERE) == 0
    said, complained = capfd.readouterr()
    assert f"{played} at 30 fps, seed 1, to native://127.0.0.1:9\n" in said
    assert "\nkeys: " in said
    assert complained == ""


def test_options_win_over_the_show(capfd: pytest.CaptureFixture[str], home: Path) -> None:
    (home / "show.toml").write_text("[show]\nfps = 20\nseed = 3\n[act]\nmodel = 'toy.onnx'\nperformers = 5\n")
    assert run("serve", "show.toml", "--performers", "2", "--for", "1ms", *DEAF) == 0
    assert "2 performers at 20 fps, seed 3, to native://127.0.0.1:9100" in capfd.readouterr().out


@pytest.mark.parametrize(("wanted", "said"), [("1,2", 0), ("2,3", 1)])
def test_a_receiver_whose_performers_do_not_play_is_named(
    capfd: pytest.CaptureFixture[str], wanted: str, said: int
) -> None:
    out = f"native://127.0.0.1:9?performer={wanted}"
    assert run("serve", "--for", "1ms", "--out", out, *DEAF) == 0
    assert capfd.readouterr().out.count("native://127.0.0.1:9 (p2, p3) gets nothing yet\n") == said


def test_a_receiver_that_is_named_twice_gets_one_stream(capfd: pytest.CaptureFixture[str]) -> None:
    twice = ["--out", "native://127.0.0.1:9", "--out", "native://127.0.0.1:9"]
    assert run("serve", "--for", "1ms", *twice, *DEAF) == 0
    assert "to native://127.0.0.1:9\n" in capfd.readouterr().out


def test_a_show_that_breaks_off_is_one_line_a_summary_and_exit_code_1(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def perform(*_: object) -> None:
        raise BrokeOffError("frame 7: a defect")

    monkeypatch.setattr(show, "perform", perform)
    assert run("serve") == 1
    said, complained = capfd.readouterr()
    assert complained == "engine: the show broke off: frame 7: a defect\n"
    assert "0 frames in" in said


def test_version_and_help(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capfd.readouterr().out == f"figurant {__version__}\n"
    for arguments in (["--help"], []):
        assert run(*arguments) == 0
        said, complained = capfd.readouterr()
        assert "doctor" in said
        assert complained == ""


def test_help_does_not_load_what_computes() -> None:
    program = (
        "import sys, engine.cli; engine.cli.run(['--help']); print(sorted({'numba', 'onnxruntime'} & {*sys.modules}))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "[]"


def test_importing_the_engine_loads_nothing() -> None:
    program = "import sys, engine; print(sorted({'numpy', 'typer', 'msgspec'} & {*sys.modules}))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
