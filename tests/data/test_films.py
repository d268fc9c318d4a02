"""Films to learn from."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from footage.made import film, flat, png

from engine.schema.errors import ConfigError, DataError, EngineError
from engine.schema.frame import U8
from engine.schema.model import Size
from export.data import films as module
from export.data import splits
from export.data.clip import Clip
from export.data.films import Film, films, split
from export.data.silhouettes import View
from export.data.splits import Split

SIZE = Size(height=12, width=16)


def stack(count: int) -> U8:
    return np.stack([flat(number % 256) for number in range(count)])


def seen(found: list[Film]) -> dict[str, list[int]]:
    return {one.name: [round(float(picture.mean())) for picture in one.frames] for one in found}


def test_the_sample_is_split_by_its_clips_white_on_black(data_dir: Path) -> None:
    assert data_dir.is_dir()
    found = films("silhouettes", SIZE, 10)
    assert {part: sum(len(one.frames) for one in parts) for part, parts in found.items()} == {
        "train": 4760,
        "validation": 478,
        "test": 525,
    }
    assert [one.name for one in found["test"]] == ["05_12", "05_17", "61_14"]
    assert [one.name for one in found["validation"]] == ["05_07", "61_13"]
    assert found["train"][0].frames.shape[1:] == (12, 16)
    assert found["train"][0].frames[0, 0].max() == 0


def test_one_film_is_split_in_time_with_gaps(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", stack(200))
    parts = {part: seen(found) for part, found in films(str(tmp_path / "a.npy"), SIZE, 10).items()}
    assert parts == {
        "train": {"a.npy train": list(range(86))},
        "validation": {"a.npy validation": list(range(118, 138))},
        "test": {"a.npy test": list(range(170, 200))},
    }


def test_three_films_or_more_are_split_whole(tmp_path: Path) -> None:
    for number in (1, 2, 10):
        film(tmp_path / f"{number}.mp4", [number * 20] * 6)
    (tmp_path / "more").mkdir()
    for number in range(4):
        png(tmp_path / "more" / f"{number}.png", number)
    found = films(str(tmp_path), SIZE, 10)
    assert {part: [one.name for one in parts] for part, parts in found.items()} == {
        "train": ["1.mp4", "2.mp4"],
        "validation": ["10.mp4"],
        "test": ["more"],
    }
    assert seen(found["test"]) == {"more": [0, 1, 2, 3]}


def test_a_folder_of_pictures_is_one_film(tmp_path: Path) -> None:
    for number in range(120):
        png(tmp_path / f"{number}.png", number)
    found = films(f"{tmp_path}?invert=true", SIZE, 10)
    assert seen(found["test"]) == {f"{tmp_path.name} test": [255 - number for number in range(102, 120)]}


def test_the_clips_of_a_stack_are_films_of_their_own(tmp_path: Path) -> None:
    starts, names = np.array([0, 4, 9, 20]), np.array(["a", "b", "c"])
    np.savez(tmp_path / "a.npz", frames=stack(20), fps=20.0, clip_start=starts, clip_id=names)
    found = films(str(tmp_path / "a.npz"), SIZE, 10)
    assert {part: seen(parts) for part, parts in found.items()} == {
        "train": {"a": [0, 2]},
        "validation": {"b": [4, 6, 8]},
        "test": {"c": [9, 11, 13, 15, 17, 19]},
    }
    np.savez(tmp_path / "a.npz", frames=stack(20), clip_start=starts[:-1], clip_id=names)
    with pytest.raises(DataError, match=r"clip_start: int64 \(3,\) for 3 names; expected rising numbers from 0 to 20"):
        films(str(tmp_path / "a.npz"), SIZE, 10)


def test_names_of_cmu_trials_decide() -> None:
    made = [Film(name, stack(2), 10) for name in ("05_12", "05_01", "61_13", "60_14_x")]
    parts = {part: [one.name for one in found] for part, found in split(made).items()}
    assert parts == {"train": ["05_01"], "validation": ["61_13"], "test": ["05_12", "60_14_x"]}


def test_recordings_are_drawn_with_more_sides_for_training(
    monkeypatch: pytest.MonkeyPatch, dance: Callable[..., Clip]
) -> None:
    asked: list[str] = []

    def load(source: str) -> Split:
        asked.append(source)
        return splits.split([dance(400)])

    monkeypatch.setattr("export.sources.load", load)
    found = films("clips:some/take.mcap", SIZE, 10, view=View(yaws=(0, 30)))
    assert asked == ["some/take.mcap"]
    assert {part: [one.name for one in parts] for part, parts in found.items()} == {
        "train": ["glide train", "glide train 30 deg"],
        "validation": ["glide validation"],
        "test": ["glide test"],
    }
    assert all(one.frames.max() > 20 for parts in found.values() for one in parts)


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("nowhere", ConfigError, "source: no such file or folder"),
        ("camera", DataError, "source: 'camera'; expected silhouettes, clips"),
        ("bodies", DataError, "source: 'bodies'; expected silhouettes, clips"),
        ("empty", DataError, "empty: a folder without pictures; expected a film such as .mp4"),
        ("short.npy", DataError, r"short.npy: 30 pictures at 10 fps; expected enough for three parts"),
        ("short.npy?fit=no", ConfigError, "source: fit: 'no'"),
    ],
)
def test_what_cannot_be_learned_from_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, kind: type[EngineError], line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    np.save("short.npy", stack(30))
    with pytest.raises(kind, match=line):
        films(source, SIZE, 10)


def test_sides_of_what_is_no_body_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", stack(200))
    with pytest.raises(DataError, match="view: one of"):
        films(str(tmp_path / "a.npy"), SIZE, 10, view=View())


def test_more_than_there_is_room_for_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "a.npy", stack(200))
    monkeypatch.setattr(module, "MOST_BYTES", 100 * 12 * 16)
    with pytest.raises(DataError, match="of pictures; expected a shorter film"):
        films(str(tmp_path / "a.npy"), SIZE, 10)
