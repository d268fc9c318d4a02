"""What a person wrote as values."""

import pytest

from engine.schema.errors import ConfigError
from engine.schema.show import Settings
from engine.values import verify


def test_a_value_from_elsewhere_is_checked_like_one_from_a_file() -> None:
    verify(Settings, "fps", 30, "--fps")
    with pytest.raises(ConfigError, match=r"--fps: nan; expected frames per second"):
        verify(Settings, "fps", float("nan"), "--fps")
