"""Recipes may name recordings of one's own."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.bench.reference import rest
from engine.motion.core20 import CORE20
from engine.schema.errors import DataError
from engine.schema.skeleton import Skeleton
from export import sources
from export.data.points import Layout

FRAMES = 600


def walk(body: Skeleton, size: float = 1.0) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """A body at rest that glides forward for `FRAMES` frames."""
    way = np.linspace(0.0, 3.0, FRAMES)[:, None, None] * (0.0, 0.0, 1.0)
    return (size * (rest(body) + way)).astype(np.float32)


def test_a_folder_of_20_joints_comes_on_the_common_body_at_the_common_rate(tmp_path: Path) -> None:
    for name, size in (("one", 1.0), ("two", 1.1)):
        path = tmp_path / f"{name}.npz"
        np.savez(path, positions=walk(CORE20, size), joints=np.array(CORE20.names), fps=60.0)
    parts = sources.load(str(tmp_path))
    assert [clip.name for clip in parts.train] == ["one train", "two train"]
    assert [len(part) for part in parts] == [2, 2, 2]
    for clip in parts.train + parts.validation + parts.test:
        assert clip.fps == 30.0
        assert clip.skeleton == CORE20
        bones = [np.linalg.norm(clip.positions[0, a] - clip.positions[0, b]) for a, b in CORE20.edges]
        np.testing.assert_allclose(bones, [np.linalg.norm(CORE20.offsets[b]) for _, b in CORE20.edges], atol=1e-5)


def test_another_body_keeps_its_joints_and_its_rate(tmp_path: Path, body: Skeleton) -> None:
    np.save(tmp_path / "dance.npy", walk(body))
    (tmp_path / "dance.skeleton.json").write_bytes(msgspec.json.encode(Layout(skeleton=body, fps=50.0)))
    (clip,) = sources.load(str(tmp_path / "dance.npy")).train
    assert (clip.skeleton, clip.fps) == (body, 50.0)


def test_recordings_of_two_bodies_are_refused(tmp_path: Path, body: Skeleton) -> None:
    for name, each in (("a", body), ("b", CORE20)):
        np.save(tmp_path / f"{name}.npy", walk(each))
        (tmp_path / f"{name}.skeleton.json").write_bytes(msgspec.json.encode(Layout(skeleton=each, fps=30.0)))
    with pytest.raises(DataError, match=r"b\.npy.*other joints.*expected the 9 joints of the body"):
        sources.load(str(tmp_path))


def test_nothing_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file or folder; expected a recording"):
        sources.load(str(tmp_path / "none"))


def test_recordings_too_short_to_start_from_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "short.npz", positions=walk(CORE20)[:150], joints=np.array(CORE20.names), fps=30.0)
    with pytest.raises(DataError, match=r"1\.6 s to train on in the longest clip; expected at least 4 s"):
        sources.load(str(tmp_path))
