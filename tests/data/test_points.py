import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.motion.core20 import CORE20
from engine.schema.errors import DataError
from engine.schema.skeleton import Skeleton
from export.data import points


def _layout(body: Skeleton, **more: object) -> bytes:
    return json.dumps({"skeleton": msgspec.to_builtins(body), "fps": 25, **more}).encode()


def _write(folder: Path, positions: np.ndarray[tuple[int, ...], np.dtype[np.float64]], layout: bytes | None) -> Path:
    path = folder / "dance.npy"
    np.save(path, positions)
    if layout is not None:
        (folder / "dance.skeleton.json").write_bytes(layout)
    return path


def test_an_array_and_its_description_make_a_clip(tmp_path: Path, body: Skeleton) -> None:
    positions = np.random.default_rng(2).random((4, 9, 3))
    terms = {"subject": "ada", "genre": "tango", "licence": "CC0", "credit": "Ada"}
    clip = points.read(_write(tmp_path, positions, _layout(body, **terms)))
    assert (clip.name, clip.fps, clip.skeleton) == ("dance", 25.0, body)
    assert (clip.subject, clip.genre, clip.licence, clip.credit) == ("ada", "tango", "CC0", "Ada")
    np.testing.assert_allclose(clip.positions, positions, rtol=1e-6)


def test_units_and_a_height_in_the_third_place_are_turned(tmp_path: Path, body: Skeleton) -> None:
    positions = np.zeros((2, 9, 3))
    positions[0, 1] = [100, 200, 300]
    path = _write(tmp_path, positions, _layout(body, up="z", unit="cm"))
    np.testing.assert_allclose(points.read(path).positions[0, 1], [1, 3, -2])
    np.testing.assert_allclose(points.read(path, unit="mm", fps=50.0).positions[0, 1], [0.1, 0.3, -0.2])
    assert points.read(path, fps=50.0).fps == 50.0


def test_the_only_skeleton_beside_an_array_or_a_named_one_is_taken(tmp_path: Path, body: Skeleton) -> None:
    path = _write(tmp_path, np.zeros((2, 9, 3)), None)
    (tmp_path / "skeleton9.json").write_bytes(_layout(body))
    assert points.read(path).fps == 25.0
    (tmp_path / "skeleton10.json").write_bytes(_layout(body))
    with pytest.raises(
        DataError, match=r"dance.npy: 2 descriptions named skeleton\*.json; expected dance.skeleton.json"
    ):
        points.read(path)
    assert points.read(path, layout=tmp_path / "skeleton10.json").fps == 25.0


def test_an_archive_of_the_20_joints_needs_no_description(tmp_path: Path) -> None:
    path = tmp_path / "dance.npz"
    names = np.array(CORE20.names)
    np.savez(path, positions=np.zeros((3, 20, 3)), joints=names, fps=24)
    clip = points.read(path)
    assert (clip.skeleton, clip.fps) == (CORE20, 24.0)
    np.savez(path, positions=np.zeros((3, 20, 3)), joints=names)
    with pytest.raises(DataError, match="fps: no number; expected a number"):
        points.read(path)
    assert points.read(path, fps=12.0).fps == 12.0


def test_an_array_without_a_description_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"dance.npy: no description of the points; expected dance.skeleton.json"):
        points.read(_write(tmp_path, np.zeros((2, 9, 3)), None))


@pytest.mark.parametrize("shape", [(4, 9), (4, 9, 2), (4, 9, 3, 1)])
def test_what_is_no_set_of_points_is_refused(tmp_path: Path, body: Skeleton, shape: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match=r"dance.npy: positions are float64 .*; expected numbers \(frames, joints, 3\)"):
        points.read(_write(tmp_path, np.zeros(shape), _layout(body)))


def test_another_number_of_joints_is_refused(tmp_path: Path, body: Skeleton) -> None:
    with pytest.raises(DataError, match=r"dance.npy: positions have the shape \(9, 4, 3\); expected \(frames, 9, 3\)"):
        points.read(_write(tmp_path, np.zeros((9, 4, 3)), _layout(body)))


def test_nan_is_told_with_its_place(tmp_path: Path, body: Skeleton) -> None:
    positions = np.zeros((4, 9, 3))
    positions[2, 3, 1] = np.nan
    path = _write(tmp_path, positions, _layout(body, up="z"))
    with pytest.raises(DataError, match=rf"{path}: nan in frame 2, joint l_ankle, y; expected finite numbers"):
        points.read(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{", "Input data was truncated; expected a skeleton"),
        (b"\xff\xfe", "expected a skeleton"),
        (b'{"fps": 30}', "missing required field `skeleton`"),
        (b'{"fps": "fast"}', r"Expected `float`, got `str` - at `\$.fps`"),
        (b'{"fps": 30, "frames": 2}', "unknown field `frames`"),
    ],
)
def test_a_broken_description_is_refused(tmp_path: Path, text: bytes, message: str) -> None:
    with pytest.raises(DataError, match=rf"dance.skeleton.json: .*{message}"):
        points.read(_write(tmp_path, np.zeros((2, 9, 3)), text))


def test_a_description_of_no_body_is_refused(tmp_path: Path, body: Skeleton) -> None:
    layout = _layout(body).replace(b"l_knee", b"l_hip")
    with pytest.raises(DataError, match=r"dance.skeleton.json: skeleton.names: a name that stands twice"):
        points.read(_write(tmp_path, np.zeros((2, 9, 3)), layout))
    with pytest.raises(DataError, match=r"dance: fps: 0; expected more than 0"):
        points.read(_write(tmp_path, np.zeros((2, 9, 3)), _layout(body, fps=0)))
    with pytest.raises(DataError, match=r"dance.npy: unit: 'ell'"):
        points.read(_write(tmp_path, np.zeros((2, 9, 3)), _layout(body, unit="ell")))


def test_an_archive_without_positions_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dance.npz"
    np.savez(path, a=np.zeros(3), b=np.zeros(3))
    with pytest.raises(DataError, match=r"dance.npz: the arrays a, b; expected an array named positions"):
        points.read(path)


def test_a_description_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Is a directory"):
        points.read(_write(tmp_path, np.zeros((2, 9, 3)), None), layout=tmp_path)
