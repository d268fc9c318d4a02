"""What a step reads of a model."""

from pathlib import Path

import pytest

from engine.bench import reference
from engine.bench.inventory import Inventory, inventory
from engine.bench.reference import R1, R3, Precision
from engine.inference.vet import load
from engine.schema.model import HeadKind

LAYERS = 4 * 64 * (9 + 64 + 2) + 4 * 64 * (64 + 64 + 2)
"""Numbers of R3's two layers; ONNX has two biases."""

HEAD = 65 * 5 + 65 * 5 * 18


def of_r3(folder: Path, kind: HeadKind, precision: Precision = "float32") -> Inventory:
    path = folder / "r3.onnx"
    reference.write(R3, path, kind=kind, precision=precision)
    return inventory(load(path))


def test_a_full_head_is_read_as_a_whole(tmp_path: Path) -> None:
    full = of_r3(tmp_path, "mdn")
    assert full.numbers == pytest.approx(LAYERS + HEAD, rel=0.001)
    assert full.width == 4
    assert full.reads(1) == full.reads(64) == full.full == full.bytes


def test_a_lazy_head_is_read_as_far_as_it_is_chosen(tmp_path: Path) -> None:
    lazy = of_r3(tmp_path, "mdn-lazy")
    rows = 4 * 64 * 5 * 18
    assert lazy.rows == rows
    assert lazy.reads(1) == pytest.approx(lazy.bytes - 0.8 * rows, abs=1)
    assert lazy.reads(2) == pytest.approx(lazy.bytes - 0.64 * rows, abs=1)
    assert lazy.reads(1000) == lazy.bytes


def test_half_precision_halves_it_and_leaves_the_floor_where_it_is(tmp_path: Path) -> None:
    whole, half = of_r3(tmp_path, "mdn-lazy"), of_r3(tmp_path, "mdn-lazy", "float16")
    assert half.width == 2
    assert half.rows == whole.rows // 2
    assert half.full == whole.full
    assert half.flops(3) == 2 * 3 * half.numbers


def test_of_whole_numbers_only_the_chosen_rows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "r1.onnx"
    reference.write(R1, path, precision="int8")
    found = inventory(load(path))
    assert found.width == 1
    assert found.rows == pytest.approx(32 * 256 * 330, rel=0.02)  # and a scale for each column
    assert found.reads(1) < found.bytes - 0.9 * found.rows
