"""What samples of signs take, and how that is shown."""

from pathlib import Path

import numpy as np
import picture_models
import pytest
import sign_models
from rich.console import Console

from engine.bench import signs
from engine.bench.results import Report, Signed
from engine.bench.tables import tables
from engine.inference.vet import load
from engine.open_signs import open_signs
from engine.schema.controls import Controls


def row(pace: str, path: int, p50: float, p99: float) -> Signed:
    return Signed(model="gloves", path=path, pace=pace, median_us=p50, p99_us=p99, samples=1000)


def test_every_figure_is_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(width=80)
    for table in tables(Report(machine={}, signs=(row("hot", 0, 30.0, 45.6), row("100", 2, 70.0, 234.0)))):
        console.print(table)
    shown = capsys.readouterr().out.splitlines()
    assert shown[-3].split() == ["gloves", "none", "hot", "30.0", "45.6"]
    assert shown[-2].split() == ["gloves", "2-D", "100", "Hz", "70.0", "234"]


def test_what_is_named_is_measured_as_far_as_it_reads_signs(tmp_path: Path) -> None:
    gloves = sign_models.signs_model(tmp_path / "gloves.onnx")
    film = picture_models.frames_model(tmp_path / "film.onnx")
    assert signs.models([str(gloves), str(film)]) == [gloves]
    assert gloves not in signs.models(["R1"])


def test_what_is_measured_is_signs_that_go_on_nearly_all_the_time(tmp_path: Path) -> None:
    loaded = load(sign_models.signs_model(tmp_path / "gloves.onnx"))
    act = open_signs(loaded, device="cpu")
    signing = []
    for values in np.tile(signs._moving(act, loaded), (3, 1)):
        act.sample(values, Controls())
        signing.append(act.signing)
    act.close()
    assert sum(signing) > 0.9 * len(signing)


@pytest.mark.live
def test_a_model_is_measured_hot_and_paced(tmp_path: Path) -> None:
    gloves = sign_models.signs_model(tmp_path / "gloves.onnx")
    rows = list(signs.measure([gloves], 0.5))
    assert [(each.pace, each.path) for each in rows] == [("hot", 0), ("100", 0)]
    assert all(0 < each.median_us <= each.p99_us and each.samples >= 50 for each in rows)
