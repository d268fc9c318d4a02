"""Models of takes that were carried elsewhere."""

import pytest

from engine import regenerate
from engine.bundled import MODELS
from engine.schema.errors import ConfigError


@pytest.mark.parametrize("folder", ["/elsewhere/engine/models/", "C:\\engine\\models\\"])
def test_a_bundled_model_is_found_wherever_the_engine_lay(folder: str) -> None:
    assert regenerate.find(f"{folder}dance.onnx") == MODELS / "dance.onnx"
    with pytest.raises(ConfigError, match=r"mine\.onnx"):
        regenerate.find(f"{folder}mine.onnx")
