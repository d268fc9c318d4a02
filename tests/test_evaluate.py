"""A whole evaluation of models made by hand, on real recordings."""

import json
from functools import partial
from pathlib import Path

import dancers
import msgspec
import numpy as np
import pytest
from matplotlib.image import imread

from engine.inference.vet import load
from engine.schema.errors import ConfigError, DataError, ModelError
from export.data import place
from export.evaluate import evaluate
from export.metrics.report import Metric, Report

short = partial(evaluate, minutes=0.2, seeds=(1, 2))
FRAMES = 360


@pytest.fixture(scope="module")
def model(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert data_dir.is_dir()
    return dancers.dancing(tmp_path_factory.mktemp("models") / "dance.onnx")


@pytest.fixture(scope="module")
def report(model: Path) -> Report:
    return short(model)


def metric(report: Report, name: str) -> Metric:
    return next(metric for metric in report.metrics if metric.name == name)


def test_every_metric_of_the_target_set_is_judged(report: Report) -> None:
    judged = {metric.name for metric in report.metrics if metric.passed is not None}
    expected = "nll bone jerk speed root_speed freeze skate drift coverage frechet guard reach:modern reach:salsa"
    assert judged == set(expected.split())
    assert report.data == "cmu"
    assert report.frames == FRAMES


def test_a_value_is_the_mean_over_the_seeds_and_is_judged_by_its_limits(report: Report) -> None:
    for line in report.metrics:
        seeds = [seed for seed in line.seeds if seed is not None]
        assert line.value == pytest.approx(np.mean(seeds))
        low, high = line.low if line.low is not None else -np.inf, line.high if line.high is not None else np.inf
        assert line.passed in {None, low <= np.mean(seeds) <= high}
    assert report.passed == all(line.passed is not False for line in report.metrics)


def test_what_has_bones_by_construction_passes_and_what_comes_to_a_halt_does_not(report: Report) -> None:
    assert metric(report, "bone").passed
    assert not metric(report, "coverage").passed
    assert not report.passed


def test_baselines_stand_where_they_were_measured(report: Report) -> None:
    assert metric(report, "freeze").baseline["copy_last"] == 100
    assert metric(report, "speed").baseline["copy_last"] == 0
    assert metric(report, "speed").baseline["real_train"] == pytest.approx(0.70, abs=0.02)
    assert metric(report, "coverage").baseline["real_train"] == pytest.approx(100)
    likelihood = metric(report, "nll").baseline
    assert likelihood["constant_velocity"] is not None
    assert likelihood["copy_last"] is not None
    assert likelihood["constant_velocity"] < likelihood["copy_last"]
    assert (metric(report, "reach:modern").baseline["real_test"] or 0) > 80


def test_the_same_seeds_give_the_same_report(model: Path, report: Report) -> None:
    assert short(model) == report


def test_json_holds_every_figure_and_can_be_read_again(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.json"
    report.save(path)
    stored = json.loads(path.read_text("utf-8"))
    assert set(stored["metrics"][0]) >= {"name", "unit", "value", "spread", "target", "baseline", "passed"}
    assert stored["passed"] is False
    assert msgspec.json.decode(path.read_bytes(), type=Report) == report


def test_held_out_clips_can_be_given(model: Path, data_dir: Path) -> None:
    clip = min((data_dir / "cmu_dance/original/60_61_daz_bvh").iterdir())
    report = short(model, data=clip)
    assert len(report.held_out) == 1
    assert report.held_out[0] not in {"05_12", "05_17", "60_14", "61_14"}


def test_models_beside_and_pictures(model: Path, tmp_path: Path) -> None:
    seed = dancers.flickering(tmp_path / "seed.onnx")
    report = short(model, beside=[seed], plot=tmp_path / "sheet.png")
    jerk = metric(report, "jerk").baseline["hand-made points"]
    assert jerk is not None
    assert jerk > 100 * (metric(report, "jerk").value or 0)
    assert any("measured without the guard" in note for note in report.notes)
    assert any("seed55" in note for note in report.notes)
    for name in ("sheet.png", "sheet_metrics.png"):
        picture = imread(tmp_path / name)
        assert picture.shape[0] > 300
        assert picture[..., :3].std() > 0.01


def test_a_model_that_flickers_fails_the_seed_targets(data_dir: Path, tmp_path: Path) -> None:
    assert data_dir.is_dir()
    report = short(dancers.flickering(tmp_path / "seed.onnx"))
    assert report.data == "seed55"
    for name in ("nll", "bone", "jerk", "speed", "guard", "nearest"):
        assert not metric(report, name).passed
    likelihood = metric(report, "nll").baseline
    assert likelihood["copy_last"] == pytest.approx(-2.15, abs=0.05)
    assert likelihood["constant_velocity"] == pytest.approx(-3.32, abs=0.05)


def test_rows_recorded_at_export_stand_in_for_models_beside(data_dir: Path, tmp_path: Path) -> None:
    assert data_dir.is_dir()
    kept = {"beside": {"as posted": {"jerk": 536162.0, "drift": None}}}
    report = short(dancers.dancing(tmp_path / "dance.onnx", metrics=kept))
    assert metric(report, "jerk").baseline["as posted (recorded at export)"] == 536162
    assert "as posted (recorded at export)" not in metric(report, "drift").baseline


def test_missing_recordings_are_one_line(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(place.VARIABLE, str(tmp_path))
    with pytest.raises(DataError, match="no such file") as caught:
        evaluate(model)
    assert "\n" not in str(caught.value)


def test_clips_of_another_body_are_refused(model: Path) -> None:
    with pytest.raises(DataError, match="other joints"):
        evaluate(model, data=Path("seed_dance55/dance.npy"))


def test_a_family_whose_numbers_are_unknown_is_refused(model: Path, tmp_path: Path) -> None:
    loaded = load(model)
    assert loaded.spec.family == "dance"
    with pytest.raises(ConfigError, match="no such kind 'ballet'"):
        evaluate(dancers.dancing(tmp_path / "other.onnx", family="ballet"))
    with pytest.raises(ModelError, match="skeleton"):
        evaluate(dancers.dancing(tmp_path / "none.onnx", skeleton=None))


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"minutes": 0.0}, "minutes"),
        ({"minutes": float("nan")}, "minutes"),
        ({"seeds": ()}, "seeds"),
        ({"seeds": (1, 1)}, "seeds"),
        ({"seeds": (-1,)}, "seeds"),
        ({"temperature": -1.0}, "temperature"),
    ],
)
def test_settings_without_sense_are_refused_before_anything_is_read(changes: dict[str, object], place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        evaluate("nowhere.onnx", **changes)  # type: ignore[arg-type]
    assert caught.value.place == place
