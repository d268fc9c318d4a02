"""Recordings as silhouettes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.images.raster import Raster
from engine.schema.model import Size
from export.data import cmu, place
from export.data.clip import Clip
from export.data.films import SAMPLE, films
from export.data.silhouettes import View, silhouettes

SIZE = Size(height=60, width=104)


def test_every_third_frame_is_seen_at_a_third_of_the_rate(dance: Callable[..., Clip]) -> None:
    clip = dance(30, 30.0)
    ((name, frames),) = silhouettes(clip, SIZE, 10, View())
    assert (name, frames.shape) == ("glide", (10, 60, 104))
    raster, expected = Raster(clip.skeleton, SIZE), np.empty((60, 104), np.uint8)
    for number, picture in enumerate(frames):
        raster.draw(clip.positions[3 * number : 3 * number + 1], expected)
        np.testing.assert_array_equal(picture, expected)


def test_each_side_is_a_film_and_a_failed_capture_cuts_it(dance: Callable[..., Clip]) -> None:
    valid = np.ones(60, np.bool_)
    valid[[20, 33]] = False
    clip = replace(dance(60), valid=valid)
    found = dict(silhouettes(clip, SIZE, 30, View(yaws=(0, 90))))
    assert {name: len(frames) for name, frames in found.items()} == {
        "glide [0:20]": 20,
        "glide [21:33]": 12,
        "glide [34:60]": 26,
        "glide 90 deg [0:20]": 20,
        "glide 90 deg [21:33]": 12,
        "glide 90 deg [34:60]": 26,
    }
    assert not np.array_equal(found["glide [0:20]"], found["glide 90 deg [0:20]"])


def test_it_looks_like_the_sample(data_dir: Path) -> None:
    """The same frames of the same clips: the first, the last and two between."""
    path, size = place.locate(SAMPLE), Size(height=120, width=208)
    with np.load(path) as archive:
        frames, starts, names = (archive[key] for key in ("frames", "clip_start", "clip_id"))
    clips = {clip.name: clip for clip in cmu.read(data_dir / cmu.FILE)}
    drawn = np.empty((120, 208), np.uint8)
    for name, start, stop in zip(names.tolist(), starts[:-1], starts[1:], strict=True):
        clip = clips[name]
        raster = Raster(clip.skeleton, size)
        seen = np.flatnonzero(clip.valid[::3]) * 3
        assert len(seen) == stop - start
        for number in np.linspace(0, len(seen) - 1, 4).astype(int):
            raster.draw(clip.positions[seen[number] : seen[number] + 1], drawn)
            sample = 255 - frames[start + number]
            ours, theirs = drawn > 127, sample > 127
            assert (ours & theirs).sum() / (ours | theirs).sum() > 0.99, (name, number)
            assert np.abs(drawn.astype(int) - sample).max() <= 2


@pytest.mark.slow
def test_the_cmu_dances_are_split_as_the_dance_model_has_them(data_dir: Path) -> None:
    assert data_dir.is_dir()
    found = films("clips", SIZE, 10, view=View(yaws=(0, 180)))
    assert [film.name for film in found["test"]] == ["05_12", "05_17", "60_14", "61_14"]
    assert {film.name[:5] for film in found["validation"]} == {"05_07", "60_13", "61_13"}
    sides = {side: [film for film in found["train"] if ("180 deg" in film.name) == side] for side in (False, True)}
    assert len(sides[True]) == len(sides[False]) > 35
