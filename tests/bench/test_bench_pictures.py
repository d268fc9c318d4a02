"""What pictures take, and how that is shown."""

from pathlib import Path

import picture_models
import pytest
from rich.console import Console

from engine.bench import pictures
from engine.bench.results import Pictured, Report
from engine.bench.tables import tables


def row(pace: str, given: str, p50: float, p99: float) -> Pictured:
    return Pictured(model="silhouette", size="208 x 120", given=given, pace=pace, median_us=p50, p99_us=p99, frames=150)


def test_every_figure_is_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    rows = (row("hot", "nothing", 900, 1500), row("30", "nothing", 2000, 4100), row("hot", "bodies", 3000, 12345))
    console = Console(width=80)
    for table in tables(Report(machine={}, pictures=(*rows, row("30", "bodies", 5, 6)))):
        console.print(table)
    shown = capsys.readouterr().out.splitlines()
    assert shown[-3].split() == ["silhouette", "208", "x", "120", "nothing", "0.90", "1.50", "2.00", "4.10"]
    assert shown[-2].split()[4:] == ["bodies", "3.00", "12.3", "0.01", "0.01"]


def test_what_is_named_is_measured_as_far_as_it_makes_pictures(tmp_path: Path) -> None:
    film = picture_models.frames_model(tmp_path / "film.onnx")
    assert pictures.models([str(film)]) == [film]
    assert film not in pictures.models(["R1"])


@pytest.mark.live
def test_a_model_is_measured_with_and_without_bodies(tmp_path: Path) -> None:
    film = picture_models.frames_model(tmp_path / "film.onnx")
    rows = list(pictures.measure([film], 0.5))
    assert [(each.given, each.pace) for each in rows] == [
        (given, pace) for given in ("nothing", "bodies") for pace in ("hot", "30")
    ]
    assert all(0 < each.median_us <= each.p99_us and each.frames >= 15 for each in rows)
