from dataclasses import replace
from pathlib import Path

import c3d as other
import ezc3d
import numpy as np
import pytest
from numpy.typing import NDArray
from recordings import CREDIT, MADE, bare, gaps, keys, recorded

from engine.schema.errors import DataError
from export.formats import c3d
from export.formats.options import Options
from export.recording import Recording

NO_ANALOG = "ignore:No analog data found in file"
PADDED = "ignore:incomplete reading of data blocks"  # the last block of 512 bytes is filled up


def written(recording: Recording, folder: Path) -> Path:
    path = folder / "dance.c3d"
    c3d.write(recording, path, Options())
    return path


def frames(path: Path) -> NDArray[np.float64]:
    """Places, residual and camera of each point (T, N, 5), by another reader."""
    with path.open("rb") as file:
        return np.array([points for _, points, _ in other.Reader(file).read_frames()], np.float64)


@pytest.mark.filterwarnings(NO_ANALOG, PADDED)
@pytest.mark.parametrize("solved", [True, False], ids=["bones", "markers"])
def test_another_reader_finds_the_points(solved: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter
    whole = recorded(50, 2, 59.94)
    recording = whole if solved else bare(whole)
    path = written(recording, tmp_path)
    found = frames(path)
    expected = np.concatenate([each.positions for each in recording.performers], axis=1)
    np.testing.assert_allclose(found[..., :3], 1000 * expected, atol=0.1)
    assert (found[..., 3] == 0).all()
    with path.open("rb") as file:
        reader = other.Reader(file)
        assert reader.point_rate == pytest.approx(59.94)
        assert (reader.first_frame, reader.last_frame) == (1, 50)
        names = [name.strip() for name in reader.point_labels]
        assert (names[0], names[20], names[39]) == ("p1:pelvis", "p2:pelvis", "p2:r_toe")
        assert reader.get("POINT:UNITS").string_value.strip() == "mm"
        axes = [reader.get(f"POINT:{axis}_SCREEN").string_value.strip() for axis in "XY"]
        assert axes == ["+X", "+Y"]


def test_it_says_what_it_is(tmp_path: Path) -> None:
    credit = f"{CREDIT}; Musée de la Danse, Ελένη Παπαδοπούλου, 山田花子, all of it"
    long = f"{MADE}; " + "and more " * 60
    groups = ezc3d.c3d(str(written(replace(recorded(3), credit=credit, made=long), tmp_path)))["parameters"]
    assert groups["MANUFACTURER"]["SOFTWARE"]["value"] == ["figurant"]
    said = {name: " ".join(groups["FIGURANT"][name]["value"]) for name in ("NAME", "CREDIT", "LICENCE", "MADE")}
    assert said == {"NAME": "toy dance", "CREDIT": credit, "LICENCE": "CC0", "MADE": long.strip()}
    assert groups["POINT"]["LABELS"]["value"][:2] == ["pelvis", "chest"]


@pytest.mark.filterwarnings(NO_ANALOG, PADDED)
def test_who_is_not_there_has_invalid_points(tmp_path: Path) -> None:
    residuals = frames(written(gaps(30), tmp_path))[..., 3]
    there = np.zeros(30, np.bool_)
    there[10:20] = True
    np.testing.assert_array_equal(residuals[:, 20:], np.where(there, 0, -1)[:, None].repeat(20, 1))
    assert (residuals[:, :20] == 0).all()


@pytest.mark.filterwarnings(NO_ANALOG, PADDED)
def test_more_names_than_one_parameter_holds(tmp_path: Path) -> None:
    recording = recorded(2, performers=13)
    path = written(recording, tmp_path)
    point = ezc3d.c3d(str(path))["parameters"]["POINT"]
    names = [*point["LABELS"]["value"], *point["LABELS2"]["value"]]
    assert (len(names), names[0], names[-1]) == (260, "p1:pelvis", "p13:r_toe")
    expected = np.concatenate([each.positions for each in recording.performers], axis=1)
    np.testing.assert_allclose(frames(path)[..., :3], 1000 * expected, atol=0.1)


def test_more_frames_than_it_counts(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"65536 frames; expected at most 65535 in a \.c3d file \(2184 s: take a part\)"
    ):
        c3d.write(replace(recorded(2), frames=65536), tmp_path / "long.c3d", Options())


def test_more_points_than_it_names(tmp_path: Path) -> None:
    whole = recorded(1)
    crowd = replace(whole, performers=whole.performers * 3252)
    with pytest.raises(DataError, match="65040 points"):
        c3d.write(crowd, tmp_path / "crowd.c3d", Options())


def test_a_name_in_capitals_stays(tmp_path: Path) -> None:
    c3d.write(recorded(2), tmp_path / "DANCE.C3D", Options())
    assert [each.name for each in tmp_path.iterdir()] == ["DANCE.C3D"]


@pytest.mark.parametrize("nothing", [keys(), recorded(0)], ids=["keys", "no frames"])
def test_no_bodies(nothing: Recording, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"\.c3d|frame"):
        c3d.write(nothing, tmp_path / "none.c3d", Options())
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("_little_room")
def test_a_full_disk_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no room"):
        c3d.write(recorded(20), tmp_path / "dance.c3d", Options())
    with pytest.raises(OSError, match="no room"):
        c3d.write(recorded(20), tmp_path / "DANCE.C3D", Options())
    assert [each.name for each in tmp_path.iterdir()] == ["dance.c3d"]  # which the caller removes


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        c3d.write(recorded(2), tmp_path / "none" / "dance.c3d", Options())
