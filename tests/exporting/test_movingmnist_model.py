"""What the bundled model of moving digits reaches."""

from pathlib import Path

import pytest

from engine import bundled
from engine.inference.vet import load
from export import convlstm_evaluate


def test_it_is_small_says_its_licence_and_begins_with_digits_that_move() -> None:
    path = bundled.MODELS / "movingmnist.onnx"
    loaded = load(path)
    assert path.stat().st_size <= 10e6
    assert loaded.spec.licence.startswith("CC-BY-SA")
    assert "LeCun" in loaded.spec.credit
    contexts = loaded.arrays["contexts"]
    assert contexts.shape == (8, loaded.spec.settings["context"], 64, 64)
    assert all((film[1:] != film[:-1]).any((1, 2)).all() for film in contexts)


@pytest.mark.slow
def test_it_meets_its_targets_on_digits_that_it_has_not_learned(data_dir: Path) -> None:
    assert data_dir
    report = convlstm_evaluate.evaluate(bundled.MODELS / "movingmnist.onnx", sequences=60, seed=2)
    assert [target for target in report.targets if not target.passed] == []
    ours, copy, nothing = report.lines[0], *(line for line in report.lines if line.who in {"copy last", "all black"})
    assert ours.mse < 103.3 < nothing.mse < copy.mse
    assert ours.ssim > copy.ssim
    assert ours.trail is not None
    assert copy.trail is not None
    assert ours.trail < 0.5 * copy.trail
