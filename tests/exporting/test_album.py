"""Takes of pictures become recordings of pictures, and files of them."""

from pathlib import Path

import made_takes as made
import msgspec
import numpy as np
import pytest
from rendering.asking import call, fine, refused

from engine.schema.errors import ConfigError, DataError
from engine.schema.frame import U8
from engine.takes.values import Taken
from engine.takes.writer import TakeWriter
from export import album
from export.from_take import recording
from export.recording import Recording


def shown(found: Recording) -> U8:
    assert found.pictures is not None
    (lane,) = found.pictures.lanes
    return lane.pixels


def wanted(*numbers: int) -> U8:
    images = [made.painted(number).frame.image for number in numbers]
    return np.stack([image.pixels for image in images if image is not None])


def mixed(folder: Path, count: int = 20) -> Path:
    """Somebody dances, and pictures are made."""
    header = msgspec.structs.replace(made.HEADER, models=(*made.HEADER.models, *made.PAINTED.models))
    writer = TakeWriter.create(folder, header)
    made.write(writer, [_with_picture(made.taken(number)) for number in range(count)])
    writer.close()
    return writer.path


def _with_picture(taken: Taken) -> Taken:
    image = made.painted(taken.frame.sequence).frame.image
    return taken._replace(frame=taken.frame._replace(image=image))


def test_pictures_alone_are_what_a_take_of_them_holds(tmp_path: Path) -> None:
    found = recording(made.film(tmp_path, 20)).recording
    assert np.array_equal(shown(found), wanted(*range(20)))
    assert found.pictures is not None
    assert found.pictures.latents is not None
    assert found.pictures.latents.shape == (20, 8)
    assert (found.frames, found.fps, found.performers, found.credit) == (20, 60.0, (), "made of nothing")
    part = recording(made.film(tmp_path, 20), start=0.1, stop=0.2).recording
    assert np.array_equal(shown(part), wanted(*range(6, 12)))


def test_missing_pictures_are_the_nearest(tmp_path: Path) -> None:
    writer = TakeWriter.create(tmp_path, made.PAINTED)
    bare = made.painted(5)
    bare = bare._replace(frame=bare.frame._replace(image=None))
    last = made.painted(6)
    assert last.frame.image is not None
    last = last._replace(frame=last.frame._replace(image=last.frame.image._replace(latent=None)))
    made.write(writer, [made.painted(0), made.painted(1), bare, last], None)
    writer.close()
    found = recording(writer.path)
    assert np.array_equal(shown(found.recording), wanted(0, 1, 1, 1, 6, 6, 6))
    assert found.recording.pictures is not None
    assert found.recording.pictures.latents is None
    assert found.seen.tolist() == [True, True, False, False, False, False, True]


def test_of_bodies_and_pictures_either_can_be_written(tmp_path: Path) -> None:
    path = mixed(tmp_path)
    bodies = recording(path).recording
    assert (len(bodies.performers), bodies.pictures) == (2, None)
    found = recording(path, pictures=True).recording
    assert (found.performers, found.skeleton, found.rig) == ((), None, None)
    assert np.array_equal(shown(found), wanted(*range(20)))


def test_files_of_a_take(tmp_path: Path) -> None:
    path = made.film(tmp_path, 20)
    fine(call("take", path, "-o", tmp_path / "a.npz", "-o", tmp_path / "a-%02d.png", "--invert"))
    with np.load(tmp_path / "a.npz") as arrays:
        assert np.array_equal(arrays["frames"], wanted(*range(20)))
    assert len([*tmp_path.glob("a-*.png")]) == 20


def test_mistakes_are_one_line(tmp_path: Path) -> None:
    bodies, pictures = made.make(tmp_path / "a", 5), made.film(tmp_path / "b", 5)
    refused(call("take", bodies, "--pictures", "-o", tmp_path / "a.mp4"), "--pictures", "without pictures")
    refused(call("take", pictures, "--performer", "1", "-o", tmp_path / "a.mp4"), "--performer", "pictures")
    refused(call("take", pictures, "-o", tmp_path / "a.bvh"), "a.bvh: pictures", "bodies or keys")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_what_does_not_fit_into_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(album, "MOST", 19 * 16 * 24)
    with pytest.raises(DataError, match="20 pictures of 24 x 16"):
        recording(made.film(tmp_path, 20))


def test_a_part_without_frames_is_refused(tmp_path: Path) -> None:
    with pytest.raises((ConfigError, DataError)):
        recording(made.film(tmp_path, 5), start=9.0)
