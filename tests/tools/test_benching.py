"""What the benchmarks share."""

import json
import subprocess
import sys
from pathlib import Path

import bench_start
import benching
import pytest

from export import reference

TOOLS = Path(benching.__file__).parent


def test_percentiles_are_microseconds() -> None:
    assert benching.Times.of([1000 * n for n in range(101)]) == (50.0, 99.0)


def test_the_machine_is_named() -> None:
    found = benching.machine()
    assert found["processor"]
    assert int(found["cores"]) >= 1
    assert found["figurant"]


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
def test_a_warm_start_is_quick(tmp_path: Path) -> None:
    path = tmp_path / "r1.onnx"
    reference.write(reference.R1, path)
    assert bench_start.main([str(path), "--runs", "3"]) == 0
