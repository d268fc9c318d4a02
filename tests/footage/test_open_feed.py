"""From a source to its pictures."""

import builtins
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from footage.made import digits, film, flat, png

from engine.footage.feed import Feed
from engine.footage.open_feed import open_feed
from engine.schema.errors import ConfigError, DataError, EngineError
from engine.schema.model import Size

SIZE = Size(height=12, width=16)


@pytest.fixture
def opening(tmp_path: Path) -> Iterator[Callable[[str], Feed]]:
    with ExitStack() as opened:
        yield lambda source: open_feed(source, SIZE, fps=10, say=print, folder=tmp_path, opened=opened)


@pytest.mark.parametrize("name", ["a.mp4", "a.npz", "a.npy", "a-idx3-ubyte.gz", "a.gif", "a.png", "shots", "what?.mp4"])
def test_every_kind_of_file_is_fitted_and_begins_with_its_first_picture(
    tmp_path: Path, opening: Callable[[str], Feed], name: str
) -> None:
    stacked = np.stack([flat(90), flat(180)])
    path = tmp_path / name
    if name == "shots":
        path.mkdir()
        png(path / "1.png", 90)
    elif path.suffix == ".mp4":
        film(path, [90, 180])
    elif path.suffix in (".npz", ".npy"):
        {".npz": np.savez, ".npy": np.save}[path.suffix](path, stacked)
    elif path.suffix == ".gz":
        digits(path, stacked)
    else:
        png(path, 90)
    first = opening(name).take(0)
    assert first is not None
    assert first.shape == (12, 16)
    assert float(first.mean()) == pytest.approx(90, abs=2)


def test_options_are_obeyed(tmp_path: Path, opening: Callable[[str], Feed]) -> None:
    png(tmp_path / "a.png", 90, 10, 10)
    picture = opening("a.png?fit=contain&invert=true").take(0)
    assert picture is not None
    assert set(np.unique(picture)) == {0, 165}


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("nothing.mp4", ConfigError, "no such file or folder"),
        ("bodies", ConfigError, "source: 'bodies'; expected a film"),
        ("a.txt", DataError, "a file named 'a.txt'; expected a film such as .mp4, a stack"),
        ("a.png?fit=big", ConfigError, "source: fit: 'big'; expected 'cover', 'contain' or 'stretch'"),
        ("a.png?fitt=cover", ConfigError, "source: fitt: no such key .did you mean 'fit'"),
        ("a.png?crop=20,0,20,20", DataError, "crop: 20 x 20 from 20, 0; expected a part of its 32 x 24 pixels"),
        ("camera:no such one", ConfigError, "camera:no such one: no such camera"),
    ],
)
def test_what_cannot_be_is_one_line(
    tmp_path: Path, opening: Callable[[str], Feed], source: str, kind: type[EngineError], line: str
) -> None:
    (tmp_path / "a.txt").write_text("no picture")
    png(tmp_path / "a.png", 90)
    with pytest.raises(kind, match=line) as caught:
        opening(source)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("source", ["a.mp4", "camera"])
def test_without_pyav_it_is_said_what_to_install(
    tmp_path: Path, opening: Callable[[str], Feed], monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    (tmp_path / "a.mp4").write_bytes(b"")
    real = builtins.__import__

    def lacking(name: str, scope: Any = None, *rest: Any) -> Any:
        if name == "engine.footage" and rest[1] in (("video",), ("camera",)):
            raise ImportError("No module named 'av'")
        return real(name, scope, *rest)

    monkeypatch.setattr(builtins, "__import__", lacking)
    with pytest.raises(ConfigError, match=r"no PyAV \(No module named 'av'\).*pip install 'figurant\[video\]'"):
        opening(source)
