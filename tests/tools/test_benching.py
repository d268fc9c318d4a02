"""What the benchmarks share."""

import json
import subprocess
import sys
from pathlib import Path

import bench_stage
import bench_start
import benching
import pytest

from engine.bench import reference

TOOLS = Path(benching.__file__).parent


def test_percentiles_are_microseconds() -> None:
    assert benching.Times.of([1000 * n for n in range(101)]) == (50.0, 99.0)


def test_the_machine_is_named() -> None:
    found = benching.machine()
    assert found["processor"]
    assert int(found["cores"]) >= 1
    assert found["figurant"]


def test_a_part_is_not_charged_for_the_parts_within_it(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0, 10, 40, 100])
    monkeypatch.setattr("benching.time.perf_counter_ns", lambda: next(moments))
    meter = benching.Meter()
    meter.timed("outer", meter.timed("inner", lambda: None))()
    meter.turn()
    assert meter.frames == [{"inner": 30, "outer": 70}]


def test_calls_of_a_part_within_a_frame_add_up_and_frames_without_it_do_not_count() -> None:
    meter = benching.Meter()
    part, other = meter.timed("part", lambda: None), meter.timed("other", lambda: None)
    part(), part()
    meter.turn()
    other()
    meter.turn()
    meter.turn()
    assert [list(frame) for frame in meter.frames] == [["part"], ["other"]]
    assert meter.times("part").p50 == pytest.approx(meter.frames[0]["part"] / 1000, abs=0.01)


def test_the_calls_of_the_fullest_frame_are_made_again() -> None:
    meter = benching.Meter(keep=True)
    made: list[str] = []
    first, second = meter.timed("first", made.append), meter.timed("second", made.append)
    first("a"), second("b"), first("c")
    meter.turn()
    first("the last word")
    meter.turn()
    made.clear()
    meter.again(("first",), 2)
    assert made == ["a", "c", "a", "c"]
    assert not meter.knows(("first", "third"))


def test_receivers_have_ports_that_follow_each_other() -> None:
    sockets = benching.row(3)
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    assert ports == [ports[0], ports[0] + 1, ports[0] + 2]


@pytest.mark.parametrize("shape", [reference.R2, reference.R3], ids=lambda shape: shape.name)
def test_pytorch_steps_every_shape_on_its_own_state(shape: reference.Reference) -> None:
    eager = benching.Eager(shape)
    eager.step()
    first = [part.clone() for part in eager._state]
    eager.step()
    assert [tuple(part.shape) for part in first] == [(shape.layers, 1, shape.hidden)] * 2
    assert not any(part.equal(before) for part, before in zip(eager._state, first, strict=True))


@pytest.mark.parametrize("tool", sorted(path.name for path in TOOLS.glob("*.py") if path.name != "benching.py"))
def test_every_tool_says_what_it_is_for(tool: str) -> None:
    shown = subprocess.run([sys.executable, TOOLS / tool, "--help"], capture_output=True, text=True, check=True)
    assert "usage:" in shown.stdout


@pytest.mark.live
def test_a_tick_is_measured_part_by_part(tmp_path: Path) -> None:
    path = tmp_path / "tick.json"
    subprocess.run([sys.executable, TOOLS / "bench_tick.py", "--seconds", "2", "--json", path], check=False)
    parts = json.loads(path.read_text())["paced"][reference.R1.name]
    assert list(parts)[-1] == "total"
    assert sum(part["p50"] for name, part in parts.items() if name != "total") <= 1.2 * parts["total"]["p50"]


@pytest.mark.live
def test_a_whole_show_is_measured_part_by_part(tmp_path: Path) -> None:
    path = tmp_path / "stage.json"
    tool = [sys.executable, str(TOOLS / "bench_stage.py")]
    subprocess.run([*tool, "--seconds", "2", "--performers", "2", "--json", str(path)], check=False)
    report = json.loads(path.read_text())
    assert report["show"]["frames"] + report["show"]["skipped"] == 120
    assert report["show"]["datagrams not sent"] == 0
    for way, parts in report["us"].items():
        expected = set(bench_stage.COMBINED) - (set(bench_stage.CALLERS) if way == "alone" else set())
        assert set(parts) == expected
        assert all(
            parts[f"{kind} encode"]["p50"] < parts[f"{kind} encode + send"]["p50"] for kind in bench_stage.PROFILES
        )


@pytest.mark.live
def test_a_warm_start_is_quick(tmp_path: Path) -> None:
    path = tmp_path / "r1.onnx"
    reference.write(reference.R1, path)
    assert bench_start.main([str(path), "--runs", "3"]) == 0
