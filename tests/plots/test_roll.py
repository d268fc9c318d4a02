"""The piano roll: drawn for whatever was played."""

from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from engine.schema.errors import ConfigError
from export.plots import roll
from export.plots.roll import Played, velocity_roll

NOTES = [Played(40 + n % 30, n / 4, n / 4 + 0.3) for n in range(600)]


def test_a_long_piece_and_a_single_note_are_drawn(tmp_path: Path) -> None:
    for notes in (NOTES, NOTES[:1], [Played(127, 0.0, 0.0)]):
        velocity_roll(notes, [64] * len(notes), tmp_path / "roll.png", title="a piece")
        assert imread(tmp_path / "roll.png")[..., :3].std() > 0.01


def test_velocities_are_seen(tmp_path: Path) -> None:
    velocity_roll(NOTES, [30 + n % 60 for n in range(600)], tmp_path / "a.png", original=[64] * 600)
    velocity_roll(NOTES, [90 - n % 60 for n in range(600)], tmp_path / "b.png", original=[64] * 600)
    assert (imread(tmp_path / "a.png") != imread(tmp_path / "b.png")).mean() > 0.001


def test_the_course_stands_under_the_roll_moment_by_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheets: list[Figure] = []
    monkeypatch.setattr(roll, "save", lambda sheet, _: sheets.append(sheet))
    velocity_roll(NOTES[:200], [64] * 200, tmp_path / "roll.png", title="a piece")
    sheets[0].canvas.draw()
    above, below = sheets[0].axes[:2]
    assert above.get_xlim() == below.get_xlim()
    assert above.get_position().intervalx == pytest.approx(below.get_position().intervalx)


def test_colours_span_what_was_played_but_never_nothing() -> None:
    assert roll._scale([10, 110]) == (10, 111)
    assert roll._scale([64]) == (44, 85)
    assert roll._scale([127]) == (107, 127)


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", "utf-8")
    with pytest.raises(ConfigError, match="taken"):
        velocity_roll(NOTES, [64] * 600, tmp_path / "taken" / "roll.png")
