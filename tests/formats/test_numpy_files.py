"""NumPy's files: every array by its name."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from recordings import CREDIT, bare, gaps, keys, recorded

from engine.motion.core20 import CORE20
from engine.motion.kinematics import forward
from engine.schema.errors import DataError
from engine.schema.skeleton import Skeleton
from export.formats import numpy_files
from export.formats.options import Options
from export.recording import Recording


def arrays(recording: Recording, folder: Path) -> dict[str, NDArray[Any]]:
    path = folder / "dance.npz"
    numpy_files.write(recording, path, Options())
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def test_everything_about_bodies_is_there(tmp_path: Path) -> None:
    recording = gaps(9)
    found = arrays(recording, tmp_path)
    for name in ("present", "positions", "root", "rotations"):
        assert np.array_equal(found[name], [getattr(one, name) for one in recording.performers])
    assert found["positions"].shape == (2, 9, 20, 3)
    assert found["performers"].tolist() == [1, 2]
    assert tuple(found["joints"].tolist()) == CORE20.names
    assert msgspec.json.decode(str(found["skeleton"]), type=Skeleton) == CORE20
    assert (float(found["fps"]), str(found["credit"]), str(found["name"])) == (30.0, CREDIT, "toy dance")
    assert "metres" in str(found["units"])
    assert "Y up" in str(found["units"])


def test_bones_put_the_joints_where_they_are(tmp_path: Path) -> None:
    recording = recorded(4)
    found = arrays(recording, tmp_path)
    assert recording.rig is not None
    rig = recording.rig._replace(parents=found["bone_parents"], offsets=found["bone_offsets"])
    made = forward(rig, found["bone_rotations"][0], found["positions"][0][:, 0])
    assert np.abs(made - found["positions"][0]).max() < 1e-6


def test_points_without_rotations_are_written(tmp_path: Path) -> None:
    found = arrays(bare(recorded(4)), tmp_path)
    assert "positions" in found
    assert not {"rotations", "bones"} & set(found)


def test_notes_have_times_in_seconds(tmp_path: Path) -> None:
    found = arrays(keys(), tmp_path)
    assert found["note_time"].tolist()[:4] == [0.0, 0.0, 0.0, 0.5]
    assert found["note_velocity"].tolist()[:4] == [80, 70, 60, 0]
    assert found["pedal_value"].tolist() == [127, 40, 0]
    assert "positions" not in found


def test_places_alone_are_one_array(tmp_path: Path) -> None:
    recording = recorded(4, 2)
    path = tmp_path / "dance.npy"
    numpy_files.write(recording, path, Options())
    found = np.load(path)
    assert (found.shape, found.dtype) == ((2, 4, 20, 3), np.float32)
    assert np.array_equal(found[1], recording.performers[1].positions)


@pytest.mark.parametrize(
    ("name", "recording", "line"),
    [
        ("a.npy", keys(), "without bodies"),
        ("a.npy", recorded(0), "0 frames"),
        ("a.npz", recorded(0), "0 frames"),
        ("a.npz", replace(keys(), notes=()), "without bodies and notes"),
    ],
)
def test_what_is_not_there_is_refused(tmp_path: Path, name: str, recording: Recording, line: str) -> None:
    with pytest.raises(DataError, match=line):
        numpy_files.write(recording, tmp_path / name, Options())
