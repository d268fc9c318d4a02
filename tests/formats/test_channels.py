"""CHAN and CLIP, read by their grammars: the same channels as the live output sends, one sample for each frame."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from recordings import bare, keys, recorded
from scipy.spatial.transform import Rotation

from engine.schema.errors import DataError
from engine.schema.note import Note, Timed
from export.formats import chan, channels, clip
from export.formats.options import Options
from export.recording import Recording

SECOND = 10**9


def read_clip(path: Path) -> tuple[dict[str, float], dict[str, list[float]]]:
    """The settings and the tracks: blocks in braces of lines `name = value`."""
    text = path.read_text("ascii")
    outer = re.fullmatch(r"\{\n(.*?)((?:   \{\n.*?   \}\n)*)\}\n", text, re.DOTALL)
    assert outer is not None
    settings = {name: float(value) for name, value in re.findall(r"^   (\w+) = (\S+)$", outer[1], re.MULTILINE)}
    tracks = re.findall(r"   \{\n      name = (\S+)\n      data_rle = (.*)\n   \}\n", outer[2])
    return settings, {name: [float(word) for word in data.split()] for name, data in tracks}


def written(recording: Recording, folder: Path) -> tuple[dict[str, float], dict[str, list[float]]]:
    path = folder / "dance.clip"
    clip.write(recording, path, Options())
    return read_clip(path)


def of(tracks: dict[str, list[float]], joint: str, axes: tuple[str, ...]) -> NDArray[np.float64]:
    return np.array([tracks[f"{joint}:{axis}"] for axis in axes]).T


def test_a_clip_says_its_rate_and_names(tmp_path: Path) -> None:
    settings, tracks = written(recorded(6, 2, fps=59.94), tmp_path)
    assert settings == {"rate": 59.94, "start": 0, "tracklength": 6, "tracks": 2 * 20 * 6}
    assert list(tracks)[:6] == [f"p1/hip:{axis}" for axis in ("tx", "ty", "tz", "rx", "ry", "rz")]
    assert {len(samples) for samples in tracks.values()} == {6}
    assert all(re.fullmatch(r"[A-Za-z0-9_:/-]+", name) for name in tracks)


def test_places_and_rotations_are_those_of_the_recording(tmp_path: Path) -> None:
    recording = recorded(30)
    _, tracks = written(recording, tmp_path)
    body = recording.performers[0]
    assert body.rotations is not None
    np.testing.assert_allclose(of(tracks, "p1/hip", ("tx", "ty", "tz")), body.positions[:, 0], atol=1e-5)
    turned = Rotation.from_euler("xyz", of(tracks, "p1/shoulder_l", ("rx", "ry", "rz")), degrees=True)
    away = turned.inv() * Rotation.from_quat(body.rotations[:, 4])
    assert np.degrees(away.magnitude()).max() < 1e-3


def test_points_have_places_alone(tmp_path: Path) -> None:
    _, tracks = written(bare(recorded(2)), tmp_path)
    assert {name.rpartition(":")[2] for name in tracks} == {"tx", "ty", "tz"}


def test_keys_are_channels(tmp_path: Path) -> None:
    _, tracks = written(keys(), tmp_path)
    assert len(tracks) == 89
    assert tracks["n60"][:15] == pytest.approx([80 / 127] * 15, abs=1e-5)
    assert (tracks["n60"][15], tracks["n60"][30], tracks["n60"][38]) == (0.0, 1.0, 0.0)
    assert tracks["pedal"][8] == 1.0
    assert tracks["pedal"][7] == tracks["pedal"][33] == 0.0


def test_a_key_between_two_frames_shows_once() -> None:
    moments = ((0.040, 100), (0.045, 0))
    notes = tuple(Timed(round(at * SECOND), Note(60, velocity)) for at, velocity in moments)
    found = channels.keys(replace(keys(), notes=notes))
    assert np.flatnonzero(found[:, 60 - 21]).tolist() == [2]


def test_chan_has_the_same_numbers_in_rows(tmp_path: Path) -> None:
    recording = replace(recorded(40), notes=keys().notes)
    chan.write(recording, tmp_path / "dance.chan", Options())
    _, tracks = written(recording, tmp_path)
    text = (tmp_path / "dance.chan").read_text("ascii")
    assert text.count("\n") == 40
    found = np.array([[float(word) for word in line.split("\t")] for line in text.splitlines()])
    np.testing.assert_allclose(found, np.array(list(tracks.values())).T, atol=1e-9)


@pytest.mark.parametrize("module", [chan, clip])
@pytest.mark.parametrize(
    ("recording", "line"), [(replace(keys(), notes=()), "without bodies and notes"), (recorded(0), "0 frames")]
)
def test_nothing_is_refused(tmp_path: Path, module: object, recording: Recording, line: str) -> None:
    with pytest.raises(DataError, match=line):
        module.write(recording, tmp_path / "a.chan", Options())  # type: ignore[attr-defined]
