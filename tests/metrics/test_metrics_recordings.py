"""A model is held against the recordings that trained it."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import tiny

from engine.bench.reference import rest
from engine.contracts import Loaded
from engine.motion.core20 import CORE20
from engine.schema.errors import DataError
from engine.schema.skeleton import Skeleton
from export.metrics import recordings


def recorded(folder: Path) -> Path:
    """Ten seconds of a body of 20 joints that sways."""
    time = np.arange(300)[:, None, None] / 30
    positions = rest(CORE20) + 0.2 * np.sin(time) * (1.0, 0.0, 0.0)
    path = folder / "sway.npz"
    np.savez(path, positions=positions.astype(np.float32), joints=np.array(CORE20.names), fps=30.0)
    return path


def model(data: Path, skeleton: Skeleton) -> Loaded:
    changes = {"family": "dance", "fps": 30.0, "skeleton": skeleton, "training": {"data": str(data)}}
    return Loaded(b"", msgspec.structs.replace(tiny.scripted_spec(), **changes), {})


def test_a_model_trained_on_own_recordings_is_held_against_them(tmp_path: Path) -> None:
    held = recordings.prepare("m", model(recorded(tmp_path), CORE20))
    assert [clip.name for clip in held.train] == ["sway train"]
    assert [clip.name for clip in held.held_out] == ["sway test"]


def test_recordings_of_another_body_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a body of 20 joints; expected the 4 joints of the model"):
        recordings.prepare("m", model(recorded(tmp_path), tiny.SKELETON))
