"""Pictures: what they show, and that they are written whole."""

from pathlib import Path

import numpy as np
import pytest
import tiny
from matplotlib.image import imread

from engine.schema.errors import ConfigError
from export.metrics.report import Metric
from export.plots import bars, sheet
from export.plots.canvas import BLUE, INK, RED
from export.plots.curves import training_curves
from export.plots.sheet import Row


def row(label: str, scale: float = 1.0) -> Row:
    return Row(label=label, positions=scale * tiny.clips(1, 300)[0], fps=30, skeleton=tiny.SKELETON)


def test_a_sheet_has_a_line_of_tiles_for_each_row(tmp_path: Path) -> None:
    sheet.contact_sheet([row("one")], tmp_path / "one.png", columns=3)
    sheet.contact_sheet([row("one"), row("two"), row("three")], tmp_path / "three.png", columns=3)
    one, three = imread(tmp_path / "one.png"), imread(tmp_path / "three.png")
    assert three.shape[1] == one.shape[1]
    assert three.shape[0] > 2 * one.shape[0]


def test_a_body_that_exploded_or_is_no_number_still_gives_a_picture(tmp_path: Path) -> None:
    broken = row("broken")
    broken.positions[100:] = np.nan
    broken.positions[200:] = np.inf
    sheet.contact_sheet([broken, row("far", 1e12)], tmp_path / "sheet.png")
    assert imread(tmp_path / "sheet.png").shape[0] > 100


def test_left_is_red_and_right_is_blue() -> None:
    assert sheet.colours(tiny.SKELETON) == [RED, BLUE, INK]


def test_moments_are_spread_from_the_first_to_the_last_frame() -> None:
    assert sheet.moments(18000, 4) == [0, 6000, 11999, 17999]
    assert sheet.moments(2, 12) == [0, 1]
    assert sheet.clock(75, 600) == "1:15"
    assert sheet.clock(7.25, 30) == "7.2 s"


def test_curves_are_drawn_beside_what_has_to_be_beaten(tmp_path: Path) -> None:
    curves = [(0, 1.5), (1, 0.5)], [(1, 0.75)]
    for name, levels in (("alone.png", {}), ("beside.png", {"copy last": 0.9})):
        training_curves(*curves, tmp_path / name, unit="nats", levels=levels)
    alone, beside = (imread(tmp_path / name)[..., :3] for name in ("alone.png", "beside.png"))
    assert alone.std() > 0.01
    assert (alone != beside).any()


def test_a_place_that_cannot_be_written_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", "utf-8")
    with pytest.raises(ConfigError, match="taken"):
        sheet.contact_sheet([row("one")], tmp_path / "taken" / "sheet.png")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_bar_that_runs_away_is_cut_and_the_target_stays_in_sight() -> None:
    metric = Metric(name="jerk", unit="m/s3", value=5e5, low=140, high=260, baseline={"real_train": 200}, passed=False)
    low, high = bars._limits(metric, (5e5, 200))
    assert low == 0
    assert 260 < high < 300
