"""The command `engine takes`: good input, bad input, exit codes."""

import json
from pathlib import Path

import made_takes as made
import msgspec
import pytest

from engine import cli
from engine.takes.writer import TakeWriter


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A whole take of two seconds, one that a crash ended and a file that is none; in the folder of takes."""
    monkeypatch.chdir(tmp_path)
    whole = made.make(tmp_path / "takes", 120)
    whole.rename(tmp_path / "takes" / "a.mcap")
    (tmp_path / "takes" / "b.mcap").write_bytes((tmp_path / "takes" / "a.mcap").read_bytes()[:100_000])
    (tmp_path / "takes" / "c.mcap").write_bytes(b"no take")
    return tmp_path / "takes"


def run(*arguments: str) -> int:
    return cli.run(["takes", *arguments])


def test_takes_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[0] == "a.mcap"
    assert lines[1].split()[3:6] == ["0:02.0", "120", "2"]
    assert lines[1].split()[-1] == "yes"
    assert lines[2].split()[0] == "b.mcap"
    assert lines[2].split()[-1] == "no"
    assert lines[3] == "not a take: c.mcap: no MCAP file"
    assert run("list", "--json") == 0
    first, second, third = json.loads(capsys.readouterr().out)
    assert (first["frames"], first["whole"], first["seconds"]) == (120, True, 2.0)
    assert second["frames"] < 120
    assert not second["whole"]
    assert third == {"file": "takes/c.mcap", "error": "no MCAP file"}


def test_a_take_without_index_or_frames_is_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    TakeWriter.create(folder / "more", made.HEADER).close()
    bare = TakeWriter.create(folder / "more", msgspec.structs.replace(made.HEADER, name="z"))
    made.write(bare, made.show(0, 30))
    bare.cut_short()
    assert run("list", str(folder / "more"), "--json") == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["frames"], first["seconds"], first["whole"]) == (0, 0.0, True)
    assert (second["frames"], second["seconds"], second["whole"]) == (30, 0.5, True)


def test_a_take_tells_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("info", "takes/a.mcap") == 0
    told = capsys.readouterr().out
    for text in ("120 of 60 a second, number 0 to 119", "p1, p3", "CC0-1.0", "made of nothing", "/p1/pull 12 times",
                 "no frame", "yes, by that build on that machine"):  # fmt: skip
        assert text in told
    assert run("info", "takes/a.mcap", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["counts"]["/frames"] == 120
    assert facts["plays_again"]


def test_verify_tells_by_its_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("verify", "takes/a.mcap") == 0
    assert capsys.readouterr().out == "ok: takes/a.mcap: 120 frames, 0:02.0\n"
    assert run("verify", "takes/b.mcap", "takes/a.mcap") == 1
    damaged, good = capsys.readouterr().out.splitlines()
    assert damaged.startswith("damaged: takes/b.mcap: cut off at byte 100000; ")
    assert good.startswith("ok: ")
    assert run("verify", "takes/a.mcap", "takes/b.mcap", "--json") == 1
    assert [one["whole"] for one in json.loads(capsys.readouterr().out)] == [True, False]


def test_recover_tells_by_its_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("recover", "takes/b.mcap") == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("takes/b-recovered.mcap: ")
    assert second.startswith("lost: cut off at byte 100000")
    assert run("verify", "takes/b-recovered.mcap") == 0
    assert run("recover", "takes/b-recovered.mcap") == 0
    assert "is whole: nothing to recover" in capsys.readouterr().out
    assert run("recover", "takes/b.mcap") == 2
    assert run("recover", "takes/c.mcap") == 2


def test_takes_are_cut_and_joined(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("cut", "takes/a.mcap", "--from", "500ms", "--to", "1s", "-o", "one.mcap") == 0
    assert run("cut", "takes/a.mcap", "--from", "1s", "-o", "two.mcap") == 0
    assert run("join", "one.mcap", "two.mcap", "-o", "three.mcap") == 0
    assert capsys.readouterr().out.splitlines() == [
        "one.mcap: 30 frames",
        "two.mcap: 60 frames",
        "three.mcap: 90 frames",
    ]
    assert run("verify", "three.mcap") == 0


BAD = [
    (["info", "none.mcap"], "none.mcap: no such file; expected a take"),
    (["info", "takes"], "takes: a folder; expected a take"),
    (["verify", "takes/c.mcap"], "takes/c.mcap: no MCAP file; expected a take"),
    (["list", "none"], "none: no such folder; expected a folder of takes"),
    (["cut", "takes/a.mcap", "-o", "takes/a.mcap"], "takes/a.mcap: there is such a file"),
    (["cut", "takes/a.mcap", "--from", "3s", "-o", "x.mcap"], "no frame from 3 s to 2 s"),
    (["cut", "takes/a.mcap", "--from", "soon", "-o", "x.mcap"], "--from: 'soon'; expected a time"),
    (["cut", "takes/a.mcap", "--to", "0s", "-o", "x.mcap"], "--to: '0s'; expected a time"),
    (["cut", "takes/b.mcap", "-o", "x.mcap"], "takes/b.mcap: cut off at byte 100000; expected a whole take"),
    (["join", "takes/a.mcap", "-o", "x.mcap"], "TAKES: 1 of them; expected two or more to join"),
    (["join", "takes/a.mcap", "takes/a.mcap", "-o", "x.mp4"], "x.mp4: the ending '.mp4'"),
    (["join", "takes/a.mcap", "takes/a.mcap", "-o", "no/x.mcap"], "no/x.mcap: no such folder 'no'"),
]


@pytest.mark.parametrize(("arguments", "expected"), BAD)
def test_bad_input_is_one_line_and_leaves_nothing(
    arguments: list[str], expected: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(folder.parent.rglob("*"))
    assert run(*arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("engine: ")
    assert expected in line
    assert sorted(folder.parent.rglob("*")) == before


def test_without_a_command_it_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    assert "recover" in capsys.readouterr().out
