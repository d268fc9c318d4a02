"""What the benchmarks of shows share."""

import json
import subprocess
import sys
from pathlib import Path

import bench_stage
import benching
import pytest

TOOLS = Path(benching.__file__).parent


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


@pytest.mark.parametrize("tool", sorted(path.name for path in TOOLS.glob("*.py") if path.name != "benching.py"))
def test_every_tool_says_what_it_is_for(tool: str) -> None:
    shown = subprocess.run([sys.executable, TOOLS / tool, "--help"], capture_output=True, text=True, check=True)
    assert "usage:" in shown.stdout


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
