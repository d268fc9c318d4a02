"""The bundled pianist: what its file says, and that it does not play everything alike."""

from pathlib import Path

import numpy as np
import pytest
import recitals

import engine
from engine.contracts import Loaded
from engine.inference.vet import load
from export import velocity_study
from export.data import piano

MODEL = Path(engine.__file__).parent / "models" / "piano.onnx"


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load(MODEL)


def test_it_is_small_and_says_whose_playing_it_learned_from(loaded: Loaded) -> None:
    assert MODEL.stat().st_size < 10_000_000
    assert "CC BY-SA 3.0 DE" in loaded.spec.licence
    assert "CC BY 4.0" in loaded.spec.licence
    assert "Bernd Krueger, www.piano-midi.de" in loaded.spec.credit
    assert "GiantMIDI-Piano" in loaded.spec.credit


def test_it_carries_its_split_its_recipe_and_what_was_measured(loaded: Loaded) -> None:
    assert len(str(loaded.spec.training["split"])) == 64
    assert loaded.spec.training["data"] == "piano"
    assert "recipe" in loaded.spec.training
    assert {"likelihood", "sets"} <= set(loaded.spec.metrics)


@pytest.mark.parametrize("heard", [True, False])
def test_no_piece_is_played_alike(loaded: Loaded, tmp_path: Path, *, heard: bool) -> None:
    for piece in piano.load(str(recitals.folder(tmp_path, pieces=3))).pieces:
        expected = velocity_study.along(loaded, piece, heard=heard)
        assert expected.mean.std() >= 3.0
        assert 1.0 < expected.mean.min() < expected.mean.max() < 127.0
        assert np.array_equal(expected.sample(1), expected.sample(1))
        assert not np.array_equal(expected.sample(1), expected.sample(2))
