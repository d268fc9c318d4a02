"""CSV as a spreadsheet reads it."""

import csv
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from recordings import bare, gaps, keys, recorded

from engine.motion.core20 import CORE20
from engine.schema.errors import DataError
from engine.schema.frame import Label
from export.formats import spreadsheet
from export.formats.options import Options
from export.recording import Recording, Signed


def table(recording: Recording, folder: Path) -> list[list[str]]:
    path = folder / "dance.csv"
    spreadsheet.write(recording, path, Options())
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_each_frame_has_a_row_under_names_and_units(tmp_path: Path) -> None:
    recording = bare(recorded(5, 2, fps=25.0))
    heading, *rows = table(recording, tmp_path)
    assert heading[:5] == ["frame", "time [s]", "p1/pelvis:x [m]", "p1/pelvis:y [m]", "p1/pelvis:z [m]"]
    assert heading[2 + 60] == "p2/pelvis:x [m]"
    assert [row[:2] for row in rows] == [[str(at), f"{at / 25:.6f}"] for at in range(5)]
    expected = np.concatenate([one.positions.reshape(5, -1) for one in recording.performers], 1)
    np.testing.assert_allclose(np.array([row[2:] for row in rows], np.float64), expected, atol=1e-5)


def test_cells_of_who_is_not_there_are_empty(tmp_path: Path) -> None:
    _, *rows = table(gaps(9), tmp_path)
    assert [set(row[62:]) == {""} for row in rows] == [True] * 3 + [False] * 3 + [True] * 3
    assert all("" not in row[:62] for row in rows)


def test_a_joints_name_may_hold_a_comma(tmp_path: Path) -> None:
    odd = msgspec.structs.replace(CORE20, names=('a, "b"', *CORE20.names[1:]))
    heading, row = table(replace(recorded(1), skeleton=odd), tmp_path)
    assert heading[2] == 'p1/a, "b":x [m]'
    assert len(heading) == len(row)


def test_notes_alone_have_a_row_each(tmp_path: Path) -> None:
    heading, *rows = table(keys(), tmp_path)
    assert heading == list(spreadsheet.NOTES)
    assert len(rows) == 6 + 3
    assert rows[0] == ["0.000000", "0.500000", "note", "60", "C4", "80", "1"]
    assert rows[3] == ["0.250000", "0.950000", "pedal", "", "", "127", "1"]
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


def test_notes_beside_a_dance_stand_in_their_frame(tmp_path: Path) -> None:
    heading, *rows = table(replace(recorded(60), notes=keys().notes), tmp_path)
    assert heading[-2:] == ["notes", "pedal"]
    assert rows[0][-2:] == ["60=80 64=70 67=60", ""]
    assert rows[15][-2:] == ["60=0 64=0 72=90", ""]
    assert rows[59][-2:] == ["74=0", ""]
    assert rows[7][-1] == "127"


SIGNS = (Signed(0, Label("his, hers", 0.93, 4)), Signed(250_000_000, Label("think", 1.0, 7)))


def test_signs_have_a_row_each_alone_and_between_notes(tmp_path: Path) -> None:
    heading, *rows = table(replace(keys(), notes=(), signs=SIGNS), tmp_path)
    assert heading == list(spreadsheet.NOTES)
    assert rows == [
        ["0.000000", "0.000000", "sign", "4", "his, hers", "0.930", ""],
        ["0.250000", "0.250000", "sign", "7", "think", "1.000", ""],
    ]
    _, *rows = table(replace(keys(), signs=SIGNS), tmp_path)
    assert len(rows) == 6 + 3 + 2
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


def test_signs_beside_a_dance_stand_in_their_frame(tmp_path: Path) -> None:
    for notes in ((), keys().notes):
        heading, *rows = table(replace(recorded(60), notes=notes, signs=SIGNS), tmp_path)
        assert heading[-1] == "signs"
        assert {len(row) for row in rows} == {len(heading)}
        assert [(at, row[-1]) for at, row in enumerate(rows) if row[-1]] == [(0, "his, hers=0.930"), (7, "think=1.000")]


def test_nothing_and_no_frames_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="without bodies, notes and signs"):
        table(replace(keys(), notes=()), tmp_path)
    with pytest.raises(DataError, match="0 frames"):
        table(recorded(0), tmp_path)
