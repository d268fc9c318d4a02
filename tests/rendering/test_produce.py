"""Files are whole or not there."""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import recordings
from rendering import stand_in
from rendering.stand_in import Failure

from engine.schema.errors import ConfigError, DataError
from export.formats import table
from export.formats.options import Options
from export.produce import produce, targets

MODULES = sorted({module: suffix for suffix, module in table.MODULES.items()}.values())
"""A suffix of each module."""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_several_files_at_once_and_how_far_it_has_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in.install(monkeypatch)
    wanted = [tmp_path / "new" / "a.npy", tmp_path / "new" / "b.csv"]
    shares: list[float] = []
    options = Options(unit="m")
    assert produce(recordings.recorded(10, 2), targets(wanted), options, shares.append) == wanted
    assert wanted[0].read_text() == "m 1 2"
    assert names(tmp_path / "new") == ["a.npy", "b.csv"]
    assert shares[:2] == [0.25, 0.5]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_format_of_one_body_gets_a_file_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in.install(monkeypatch, bodies=1)
    three = recordings.recorded(10, 3)
    written = produce(three, targets([tmp_path / "a.b.npy"]), Options())
    assert [path.name for path in written] == ["a.b-p1.npy", "a.b-p2.npy", "a.b-p3.npy"]
    assert [path.read_text() for path in written] == ["cm 1", "cm 2", "cm 3"]
    assert produce(recordings.recorded(10), targets([tmp_path / "one.npy"]), Options()) == [tmp_path / "one.npy"]


def test_what_one_format_cannot_hold_is_refused_before_another_is_written(tmp_path: Path) -> None:
    wanted = targets([tmp_path / "a.csv", tmp_path / "a.mid"])
    with pytest.raises(DataError, match=r"a\.mid: a recording without notes"):
        produce(recordings.recorded(5), wanted, Options())
    assert names(tmp_path) == []


def test_a_file_that_is_there_is_replaced_once_the_new_one_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.npy"
    path.write_text("old")
    with monkeypatch.context() as patch:
        stand_in.install(patch, failure=lambda _: path.read_text() == "old" or pytest.fail("touched"))
        produce(recordings.recorded(5), targets([path]), Options())
    assert path.read_text() == "cm 1"
    with monkeypatch.context() as patch:
        stand_in.install(patch, failure=stand_in.full)
        with pytest.raises(ConfigError, match="No space left"):
            produce(recordings.recorded(5, 2), targets([path]), Options())
    assert path.read_text() == "cm 1"
    assert names(tmp_path) == ["a.npy"]


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (stand_in.full, ConfigError),
        (stand_in.stopped, KeyboardInterrupt),
        (stand_in.unfit, DataError),
        (stand_in.broken, RuntimeError),
    ],
)
def test_whatever_ends_it_leaves_no_part_of_a_file(
    failure: Failure, error: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in.install(monkeypatch, failure=failure)
    with pytest.raises(error):
        produce(recordings.recorded(5), targets([tmp_path / "a.npy"]), Options())
    assert names(tmp_path) == []


@contextmanager
def limited(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of other systems differ")
@pytest.mark.parametrize("suffix", MODULES)
def test_a_disk_that_is_full_is_one_line_and_no_file(suffix: str, tmp_path: Path) -> None:
    """Libraries have their own words for it, or none."""
    recording = recordings.keys() if suffix == ".mid" else recordings.recorded(60)
    wanted = targets([tmp_path / f"a{suffix}"])
    options = Options(size=(320, 180))
    whole = produce(recording, wanted, options)[0]
    size = whole.stat().st_size
    whole.unlink()
    with limited(size // 2), pytest.raises(ConfigError, match=f"a{suffix}: .*(File too large|no room)"):
        produce(recording, wanted, options)
    assert names(tmp_path) == []


def test_a_place_that_takes_no_file_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.csv").mkdir()
    for path, expected in (
        (tmp_path / "file" / "a.csv", "Not a directory|File exists"),
        (tmp_path / "folder.csv", "a folder"),
    ):
        with pytest.raises(ConfigError, match=expected):
            targets([path])
    with pytest.raises(ConfigError, match="/proc"):
        targets([Path("/proc/a.csv")])


def test_what_no_format_has_and_one_place_twice_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\.bvh .*\.mp4"):
        targets([tmp_path / "a.avi"])
    with pytest.raises(ConfigError, match="twice"):
        targets([tmp_path / "a.csv", tmp_path / "b" / ".." / "a.csv"])
    assert names(tmp_path) == []
