from pathlib import Path

import numpy as np
import pytest
import recitals
from midi_bytes import file, save, scale

from engine.families import _touch
from engine.schema.errors import DataError
from export.data import piano
from export.data.grid import grid
from export.data.piano import Piece


def made(names: list[str], source: str = "GiantMIDI") -> list[Piece]:
    return [Piece(name, source, np.zeros((0, 3), np.int64), np.zeros(60, np.float32)) for name in names]


def test_broken_files_are_left_out_with_their_reason(tmp_path: Path) -> None:
    recitals.folder(tmp_path, pieces=2, notes=80)
    (tmp_path / "broken.mid").write_bytes(b"MThd but not much more")
    recitals.perform(tmp_path / "deeper" / "broken.mid", seed=1, notes=5)
    library = piano.load(str(tmp_path))
    assert [piece.name for piece in library.pieces] == ["piece_0.mid", "piece_1.mid"]
    assert set(library.left_out) == {"broken.mid", "deeper/broken.mid"}
    assert "5 notes" in library.left_out["deeper/broken.mid"]
    assert library.missing == ["2 files left out", *library.left_out.values()]


def test_a_score_that_nobody_played_is_left_out(tmp_path: Path) -> None:
    recitals.folder(tmp_path, pieces=1, notes=80)
    data = file(scale(range(30, 90), 64))
    save(tmp_path / "flat.mid", data)
    library = piano.load(str(tmp_path))
    assert len(library.pieces) == 1
    assert "velocity 64 for every key" in library.left_out["flat.mid"]


def test_where_nothing_is_readable_the_first_reason_is_told(tmp_path: Path) -> None:
    recitals.perform(tmp_path / "short.mid", seed=1, notes=5)
    for place in (tmp_path, tmp_path / "short.mid"):
        with pytest.raises(DataError, match="5 notes"):
            piano.load(str(place))


def test_a_folder_without_pieces_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        piano.load(str(tmp_path))


def test_velocities_belong_to_the_keys_that_go_down(tmp_path: Path) -> None:
    piece = piano.load(str(recitals.perform(tmp_path / "a.mid", seed=1, notes=70))).pieces[0]
    assert len(piece) == 70 == (piece.events[:, 1] == _touch.DOWN_EVENT).sum()
    assert (np.diff(piece.events[:, 0]) >= 0).all()


def test_every_piece_is_in_one_part_and_always_the_same() -> None:
    pieces = made([f"piece {number}.mid" for number in range(100)], "piano-midi.de")
    parts = piano.split(pieces)
    assert [len(part) for part in parts] == [80, 10, 10]
    assert sorted(piece.name for part in parts for piece in part) == sorted(piece.name for piece in pieces)
    again = piano.split(list(reversed(pieces)))
    assert [{piece.name for piece in part} for part in parts] == [{piece.name for piece in part} for part in again]
    assert piano.digest(parts) == piano.digest(again)


@pytest.mark.parametrize(
    ("name", "recording"),
    [
        ("Chopin_Etudes_Op10_g0hoN6_HDVU_no_12_cut.mid", "g0hoN6_HDVU"),
        ("Chopin, Frédéric, Études, Op.10, g0hoN6_HDVU.mid", "g0hoN6_HDVU"),
        ("Brahms_Johannes_Piano_Sonata_No2_Op2_RhZqUE63B9g_mov_4.mid", "RhZqUE63B9g"),
        ("Debussy_Estampes_R-YcnPXY2yE_cut_no_1.mid", "R-YcnPXY2yE"),
        ("Bach_Prelude_and_Fugue_in_G-sharp_minor_BWV_863_9tezjkEkzW4.mid", "9tezjkEkzW4"),
        ("Liszt_Reminiscences_de_Don_Juan_S418_JI6JfJXcUjU_part1.mid", "JI6JfJXcUjU"),
        ("Ravel, Maurice, Jeux d'eau, v-QmwrhO3ec.mid", "v-QmwrhO3ec"),
        ("chpn_op10_e01.mid", "chpn_op10_e01"),
    ],
)
def test_what_was_cut_from_one_recording_is_known(name: str, recording: str) -> None:
    assert piano.group(name) == recording


def test_cuts_of_one_recording_stay_together() -> None:
    names = [f"Composer_Piece_{'abcdefghij'}{video}_cut_mov_{cut}.mid" for video in range(10) for cut in range(4)]
    parts = piano.split(made(names))
    groups = [{piano.group(piece.name) for piece in part} for part in parts]
    assert [len(part) for part in parts] == [32, 4, 4]
    assert not groups[0] & groups[1] | groups[0] & groups[2] | groups[1] & groups[2]


def test_a_grid_has_strokes_what_is_held_and_the_louder_of_two() -> None:
    events = np.array([[0, 0, 3], [90, 1, 3], [95, 0, 3], [310, 1, 3], [250, 0, 5], [251, 1, 5]]) * [10**6, 1, 1]
    piece = Piece("a", "b", events[[0, 1, 2, 4, 5, 3]], np.array([40.0, 80.0, 127.0], np.float32))
    found = grid(piece, 0.1)
    assert found.keys.shape == (4, 176)
    np.testing.assert_array_equal(found.keys[:, 3], [1, 0, 0, 0])
    np.testing.assert_array_equal(found.keys[:, 88 + 3], [1, 1, 1, 1])
    assert found.velocities[0, 3] == np.float32(80 / 127)
    assert found.velocities[2, 5] == 1.0
    assert np.count_nonzero(found.velocities) == 2
    np.testing.assert_array_equal(found.places, [[0, 3], [0, 3], [2, 5]])
