"""The command, as a whole, with the smallest model and few repetitions."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine import cli
from engine.bench import candidates, clock, command, crowd, footprint, reference, start
from engine.bench.candidates import FLOORS
from engine.bench.clock import Lateness
from engine.bench.reference import R3
from engine.bench.results import Footprint, Start, Step
from engine.bench.turns import Rival

QUICK = ("--seconds", "0.001")
PACKED = ["engine-packed-f32", "engine-packed-f16", "engine-packed-f32-full"]
OURS = [*PACKED, "engine-ort-lazy", "engine-ort-full", "engine-ort-int8"]
OTHERS = ["onnxruntime-plain", "torch-lstm", "torch-lstmcell"]


def bench(folder: Path, *arguments: str) -> dict[str, Any]:
    path = folder / "figures.json"
    assert cli.run(["bench", *QUICK, "--json", str(path), *arguments]) == 0
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_everybody_steps_and_ratios_are_to_the_higher_floor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = bench(tmp_path, "--model", "R3", "--batch", "1", "--batch", "2", "--pace", "hot")
    assert set(found) == {"machine", "step"}
    for batch in (1, 2):
        rows = {row["candidate"]: row for row in found["step"] if row["batch"] == batch}
        assert list(rows) == [*OURS, *OTHERS, *FLOORS]
        assert all(set(row) == set(Step.__struct_fields__) for row in rows.values())
        assert all((row["model"], row["pace"]) == ("R3", "hot") for row in rows.values())
        floor = max(rows[name]["median_us"] for name in FLOORS)
        assert floor > 0
        for row in rows.values():
            assert row["ratio_to_floor"] == pytest.approx(row["median_us"] / floor, abs=1e-4)
            assert 0 < row["median_us"] <= row["p99_us"]
        assert rows["engine-packed-f16"]["bytes"] < rows["engine-packed-f32"]["bytes"] < rows["floor-read"]["bytes"]
    shown = capsys.readouterr().out
    assert all(name in shown for name in (*OURS, *OTHERS, *FLOORS))


def test_paced_steps_have_their_pace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = [Rival(name, lambda: None, 8) for name in ("engine-idle", *FLOORS)]
    monkeypatch.setattr("engine.bench.step.rivals", lambda *_: few)
    found = bench(tmp_path, "--model", "R3", "--batch", "1", "--pace", "60")
    assert {row["pace"] for row in found["step"]} == {"60"}


def test_a_file_is_measured_too(tmp_path: Path) -> None:
    reference.write(R3, tmp_path / "mine.onnx")
    found = bench(tmp_path, "--model", str(tmp_path / "mine.onnx"), "--batch", "1", "--pace", "hot")
    ours = ["engine-packed-f32", "engine-ort-lazy"]
    assert [row["candidate"] for row in found["step"]] == [*ours, "onnxruntime-plain", *FLOORS]
    assert {row["model"] for row in found["step"]} == {"mine"}
    reads = {row["candidate"]: row["bytes"] for row in found["step"]}
    assert reads["engine-ort-lazy"] < reads["onnxruntime-plain"] == reads["floor-read"]


def test_a_file_of_whole_numbers_has_no_plain_graph(tmp_path: Path) -> None:
    reference.write(R3, tmp_path / "small.onnx", precision="int8")
    found = bench(tmp_path, "--model", str(tmp_path / "small.onnx"), "--batch", "1", "--pace", "hot")
    assert [row["candidate"] for row in found["step"]] == ["engine-ort-int8", *FLOORS]


def test_without_torch_the_rest_is_measured_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*_: object) -> None:
        raise ImportError("torch")

    monkeypatch.setattr(candidates, "torches", missing)
    monkeypatch.setattr(command, "find_spec", lambda _: None)
    found = bench(tmp_path, "--model", "R3", "--batch", "1", "--pace", "hot")
    assert [row["candidate"] for row in found["step"]] == [*OURS, OTHERS[0], *FLOORS]
    assert "PyTorch is not installed and is left out" in capsys.readouterr().out


def test_what_is_made_and_measured_needs_nothing_that_playing_does_not_need(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    missing = "torch", "onnx", "matplotlib", "scipy"
    models = [word for name in ("R1", "R2", "R3") for word in ("--model", name)]
    arguments = ["bench", *QUICK, *models, "--batch", "1", "--pace", "hot", "--json", str(path)]
    blocked = f"import sys; sys.modules.update(dict.fromkeys({missing}))"
    text = f"{blocked}; from engine import cli; sys.exit(cli.run({arguments}))"
    shown = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "PyTorch is not installed and is left out" in shown.stdout
    rows = json.loads(path.read_text())["step"]
    expected = [*OURS, OTHERS[0], *FLOORS]
    assert [(row["model"], row["candidate"]) for row in rows] == [
        (model, candidate) for model in ("R1", "R2", "R3") for candidate in expected
    ]


def test_how_long_it_takes_is_said_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []

    def measured(*_: object) -> list[Lateness]:
        said.append(capsys.readouterr().out)
        return []

    monkeypatch.setattr(clock, "contests", lambda _: [None] * 27)
    monkeypatch.setattr(clock, "measure", measured)
    assert cli.run(["bench", "--part", "clock", "--seconds", "60", "--json", str(tmp_path / "x.json")]) == 0
    assert "this takes 27 minutes or some more" in said[0]


def test_ctrl_c_ends_in_one_line_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> Footprint:
        raise KeyboardInterrupt

    monkeypatch.setattr(footprint, "measure", interrupted)
    assert cli.run(["bench", "--part", "footprint", "--json", str(tmp_path / "figures.json")]) == 130
    assert capsys.readouterr().err.strip() == "engine: stopped before the end"
    assert list(tmp_path.iterdir()) == []


def test_parts_are_measured_for_one_and_for_many(tmp_path: Path) -> None:
    found = bench(tmp_path, "--part", "parts")
    assert set(found) == {"machine", "parts"}
    names = [row["part"] for row in found["parts"] if row["performers"] == 1]
    assert names == [row["part"] for row in found["parts"] if row["performers"] == 64]
    assert {"sampling, lazy head", "decode", "native encode", "send", "control drain"} <= set(names)
    for row in found["parts"]:
        assert row["each_us"] == pytest.approx(row["median_us"] / row["performers"], abs=0.001)


def test_a_crowd_larger_than_a_show_plays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "SIZES", (1, 300))
    monkeypatch.setattr(crowd, "PACES", ("1000",))
    monkeypatch.setattr(crowd, "search", lambda *_: [])
    found = bench(tmp_path, "--part", "crowd")
    assert [(row["performers"], row["pace"]) for row in found["crowd"]] == [
        (1, "hot"),
        (1, "1000"),
        (300, "hot"),
        (300, "1000"),
    ]


def test_what_runs_elsewhere_is_kept_and_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late = Lateness(
        clock="engine",
        rights="none",
        fps=60.0,
        load="quiet",
        seconds=1.0,
        p50_us=1.0,
        p99_us=2.0,
        worst_us=3.0,
        late=0,
        skipped=0,
    )
    monkeypatch.setattr(start, "measure", lambda: Start(first_datagram_s=1.0, import_s=0.1, runs=5))
    monkeypatch.setattr(footprint, "measure", lambda _: Footprint(fps=30.0, fps_sent=30.0, seconds=1.0))
    monkeypatch.setattr(clock, "measure", lambda *_: [late])
    picture = tmp_path / "picture.png"
    parts = [word for name in ("start", "footprint", "clock") for word in ("--part", name)]
    found = bench(tmp_path, *parts, "--plot", str(picture))
    assert list(found) == ["machine", "clock", "start", "footprint"]
    assert found["clock"][0]["p99_us"] == 2.0
    assert found["footprint"]["cpu_share"] is None
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--model", "R9"], "--model: no model 'R9'"),
        (["--model", "gone.onnx"], "--model: no such file 'gone.onnx'"),
        (["--batch", "0"], "--batch: 0; expected 1 to"),
        (["--batch", "100000"], "--batch: 100000; expected 1 to 4096"),
        (["--batch", "many"], "Invalid value for '--batch'"),
        (["--pace", "61"], "--pace: '61'; expected hot, 30, 60"),
        (["--device", "tpu"], "--device: 'tpu'; expected cpu, cuda"),
        (["--part", "start", "--plot", "x.png"], "--plot: nothing to draw"),
    ],
)
def test_bad_options_end_in_one_line(
    arguments: list[str],
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.run(["bench", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert expected in shown.err
    assert shown.err.count("\n") == 1


def test_a_file_that_is_no_model_ends_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "text.onnx").write_text("this is no model\n")
    assert cli.run(["bench", "--model", str(tmp_path / "text.onnx")]) == 2
    assert "not an ONNX model" in capsys.readouterr().err


@pytest.mark.live
def test_a_start_and_a_show_are_watched_from_outside(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    parts = [word for name in ("start", "footprint") for word in ("--part", name)]
    assert cli.run(["bench", *parts, "--seconds", "3", "--json", str(path)]) == 0
    found = json.loads(path.read_text())
    assert found["start"]["first_datagram_s"] > found["start"]["import_s"] > 0
    assert found["footprint"]["fps_sent"] == pytest.approx(30.0, rel=0.1)
