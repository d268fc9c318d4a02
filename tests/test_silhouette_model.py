"""The bundled silhouettes: what their file says, and that they dance as well as it says."""

from pathlib import Path

import numpy as np
import pytest

import engine
from engine.contracts import Loaded
from engine.inference.vet import load
from export import latent_study
from export.latent_study import Set
from export.metrics.pictures import freedom, likeness

MODEL = Path(engine.__file__).parent / "models" / "silhouette.onnx"


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load(MODEL)


@pytest.fixture(scope="module")
def films(loaded: Loaded, data_dir: Path) -> Set:
    assert data_dir.is_dir()
    return latent_study.recorded_with(loaded, str(MODEL))


def test_it_is_small_and_says_whose_dances_it_learned_from(loaded: Loaded) -> None:
    assert MODEL.stat().st_size < 10_000_000
    assert "CMU" in loaded.spec.licence
    assert "mocap.cs.cmu.edu" in loaded.spec.credit


def test_it_carries_its_split_its_recipe_and_what_was_measured(loaded: Loaded) -> None:
    assert len(str(loaded.spec.training["split"])) == 64
    assert "recipe" in loaded.spec.training
    assert {"likelihood", "pictures", "targets"} <= set(loaded.spec.metrics)


def test_it_can_be_given_pictures_and_poses(loaded: Loaded) -> None:
    dims = loaded.spec.head.dims
    assert {"encoder", "decoder"} <= set(loaded.arrays)
    assert loaded.arrays["poses"].shape == (24, dims)


@pytest.mark.slow
def test_pictures_that_nobody_trained_on_are_recognised(loaded: Loaded, films: Set) -> None:
    truth = latent_study.spread(films.films["test"])[::4]
    assert likeness(truth, latent_study.through(loaded)(truth)).iou >= 0.80


@pytest.mark.slow
def test_a_minute_alone_neither_freezes_nor_blurs(loaded: Loaded, films: Set) -> None:
    pictures, counted = latent_study.play(loaded, 1, 600)
    found = freedom(pictures, films.train)
    assert found.iou >= 0.78
    assert found.freeze <= 0.08
    assert found.jumps <= 0.05
    assert found.coverage >= 0.2
    assert counted.guarded <= 12


@pytest.mark.slow
def test_a_run_that_stands_still_would_be_noticed(films: Set) -> None:
    still = np.repeat(films.train.pictures[:1], 100, 0)
    assert freedom(still, films.train).freeze == 1.0
