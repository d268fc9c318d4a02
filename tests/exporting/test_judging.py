"""What an evaluation is asked that its model makes nothing of is refused before the work."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine import bundled
from engine.schema.errors import ConfigError
from export import latent_evaluate
from export.cli import app

IDLE = [
    ("dance", "--sequences", "3"),
    ("piano", "--sequences", "3"),
    ("piano", "--minutes", "3"),
    ("silhouette", "--data", "somewhere"),
    ("silhouette", "--sequences", "3"),
    ("movingmnist", "--data", "somewhere"),
    ("movingmnist", "--minutes", "3"),
]


@pytest.mark.parametrize(("model", "option", "value"), IDLE)
def test_what_a_family_makes_nothing_of_is_one_line(model: str, option: str, value: str) -> None:
    said = CliRunner().invoke(app, ["evaluate", str(bundled.MODELS / f"{model}.onnx"), option, value])
    assert (said.exit_code, said.output.count("\n")) == (2, 1)
    assert said.output.startswith(f"{option}: a model of the family ")


@pytest.mark.parametrize("minutes", [0.0, -1.0, 0.2, float("nan"), float("inf")])
def test_pictures_run_alone_for_16_seconds_at_least(minutes: float) -> None:
    with pytest.raises(ConfigError, match="expected 16 s or more"):
        latent_evaluate.evaluate(Path("any.onnx"), minutes=minutes)
