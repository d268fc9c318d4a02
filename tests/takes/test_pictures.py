"""Takes of pictures: read, told, cut, joined and saved like any other."""

import json
import tracemalloc
from pathlib import Path

import made_takes as made
import msgspec
import numpy as np
import pytest

from engine import cli
from engine.schema.errors import DataError
from engine.schema.frame import Image
from engine.schema.model import Size
from engine.takes.excerpt import cut
from engine.takes.facts import gather
from engine.takes.joining import join
from engine.takes.reader import Take
from engine.takes.salvage import recover
from engine.takes.values import Header
from engine.takes.writer import TakeWriter

BLACK = Size(height=2048, width=2048)


def header(size: Size) -> Header:
    """Of a take whose pictures are of this size."""
    (played,) = made.PAINTED.models
    spec = msgspec.structs.replace(played.spec, image=size)
    return msgspec.structs.replace(made.PAINTED, models=(msgspec.structs.replace(played, spec=spec),))


def pictures(path: Path) -> list[tuple[int, bytes, bytes]]:
    """Number, pixels and latent of each frame."""
    found = []
    for taken in Take(path).frames():
        image = taken.frame.image
        assert image is not None
        assert image.latent is not None
        found.append((taken.frame.sequence, image.pixels.tobytes(), image.latent.tobytes()))
    return found


def wanted(first: int, count: int) -> list[tuple[int, bytes, bytes]]:
    images = [(number, made.painted(number).frame.image) for number in range(first, first + count)]
    return [(number, *(array.tobytes() for array in image or ())) for number, image in images]  # type: ignore[union-attr,misc]


def test_pictures_come_back_bit_for_bit(tmp_path: Path) -> None:
    path = made.film(tmp_path, 30)
    assert pictures(path) == wanted(0, 30)
    facts = gather(path)
    assert (facts.pictures, facts.latent, facts.damage) == (30, 8, "")
    assert facts.header.size == Size(height=16, width=24)


def test_a_take_tells_of_its_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = made.film(tmp_path, 30)
    assert cli.run(["takes", "info", str(path)]) == 0
    told = capsys.readouterr().out
    assert "30 of 24 x 16 pixels, each with 8 latent numbers" in told
    assert cli.run(["takes", "info", "--json", str(path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["pictures"], found["latent"]) == (30, 8)
    assert cli.run(["takes", "list", str(tmp_path)]) == 0
    assert cli.run(["takes", "verify", str(path)]) == 0


def test_parts_keep_their_pictures(tmp_path: Path) -> None:
    path = made.film(tmp_path, 30)
    cut(path, tmp_path / "a.mcap", 0.0, 0.2)
    cut(path, tmp_path / "b.mcap", 0.2)
    assert pictures(tmp_path / "a.mcap") == wanted(0, 12)
    join([tmp_path / "a.mcap", tmp_path / "b.mcap"], tmp_path / "both.mcap")
    assert pictures(tmp_path / "both.mcap") == wanted(0, 30)


def test_pictures_of_two_sizes_are_not_joined(tmp_path: Path) -> None:
    small, bare = made.film(tmp_path, 3), tmp_path / "more"
    writer = TakeWriter.create(bare, header(Size(height=8, width=8)))
    writer.close()
    with pytest.raises(DataError, match="pictures of another size"):
        join([small, writer.path], tmp_path / "both.mcap")


def test_what_is_whole_of_a_broken_take_is_saved(tmp_path: Path) -> None:
    path = made.film(tmp_path, 90)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    saved = recover(path)
    assert saved.path is not None
    found = pictures(saved.path)
    assert len(found) > 15
    assert found == wanted(0, len(found))


def test_black_pictures_that_unpack_to_far_more_are_read_one_by_one(tmp_path: Path) -> None:
    count = 16  # 67 MB
    writer = TakeWriter.create(tmp_path, header(BLACK))
    black = Image(np.zeros((2048, 2048), np.uint8), np.zeros(8, np.float32))
    frames = [made.painted(number) for number in range(count)]
    made.write(writer, [one._replace(frame=one.frame._replace(image=black)) for one in frames], None)
    writer.close()
    del frames, black
    assert writer.path.stat().st_size < 100_000
    tracemalloc.start()
    try:
        assert sum(1 for _ in Take(writer.path).frames()) == count
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 40e6  # the chunk, the record, the copy, and what is compared of them
