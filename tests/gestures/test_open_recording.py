"""Recorded signs of every kind, in files, folders and archives."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from gestures.made_recordings import archive, npz, tsd

from engine.gestures import open_recording
from engine.gestures.open_recording import read
from engine.schema.errors import DataError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("s2/b-1.tsd", "s10/a-1.tsd", "s2/a-10.tsd", "s2/a-2.tsd", "s2/._a-2.tsd", "s2/readme.txt"):
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_text("of no use" if "_" in name or name.endswith("txt") else tsd())
    return tmp_path / "set"


def test_a_folder_is_read_by_sessions_with_numbers_by_value(folder: Path) -> None:
    found = read(folder)
    signs = [(sign.session, sign.label, Path(sign.name).name) for sign in found.gestures]
    assert signs == [("s2", "a", "a-2.tsd"), ("s2", "a", "a-10.tsd"), ("s2", "b", "b-1.tsd"), ("s10", "a", "a-1.tsd")]
    assert (found.sessions, found.labels) == (("s2", "s10"), ("a", "b"))


def test_a_folder_of_signs_alone_is_a_session_named_after_it(folder: Path) -> None:
    assert read(folder / "s2").sessions == ("s2",)
    assert read(folder / "s2" / "b-1.tsd").gestures[0].session == "s2"


def test_an_archive_gives_what_the_folder_gives(folder: Path, tmp_path: Path) -> None:
    names = ["s2/a-2.tsd", "s2/a-10.tsd", "s2/b-1.tsd", "s2/readme.txt", "s10/a-1.tsd"]
    path = archive(tmp_path / "set.tar.gz", {f"./{name}": (folder / name).read_bytes() for name in names})
    ours, theirs = read(path), read(folder)
    assert [(sign.session, sign.label) for sign in ours.gestures] == [(s.session, s.label) for s in theirs.gestures]
    assert all(np.array_equal(a.values, b.values) for a, b in zip(ours.gestures, theirs.gestures, strict=True))


def test_kinds_may_stand_beside_each_other(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("label,channel 1\nx,1\nx,2\n")
    (tmp_path / "b.npz").write_bytes(npz(**{"y-1": np.zeros((2, 1))}))
    assert [(sign.session, sign.label) for sign in read(tmp_path).gestures] == [("a", "x"), ("b", "y")]


def test_the_rate_is_for_all_of_them(folder: Path) -> None:
    assert read(folder, rate=60).rate == 60
    with pytest.raises(DataError, match="rate: 0; expected a number over 0"):
        read(folder, rate=0)


def test_files_that_do_not_fit_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n3,4\n")
    (tmp_path / "b.csv").write_text("x\n1\n2\n")
    with pytest.raises(DataError, match=r"b\.csv: line 2: 1 channels; expected 2, as in the other files"):
        read(tmp_path)
    (tmp_path / "b.csv").write_text("x,z\n1,2\n3,4\n")
    with pytest.raises(DataError, match="a channel 'z'; expected 'y', as in the other files"):
        read(tmp_path)
    (tmp_path / "b.csv").write_text("time,x,y\n0,1,2\n0.02,3,4\n")
    with pytest.raises(DataError, match="50 samples a second; expected 100, as in the other files"):
        read(tmp_path)


def test_nothing_of_use_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no signs; expected at least one sign \(files named \.tsd, \.csv or \.npz\)"):
        read(tmp_path)
    with pytest.raises(
        DataError, match=r"signs\.mp4: no such file or folder; expected a folder, or a name that ends in"
    ):
        read(tmp_path / "signs.mp4")
    (tmp_path / "signs.mp4").touch()
    with pytest.raises(DataError, match=r"a file named 'signs\.mp4'; expected a folder"):
        read(tmp_path / "signs.mp4")
    with pytest.raises(DataError, match=r"a-1\.tsd: No such file or directory; expected a readable file"):
        read(tmp_path / "a-1.tsd")


def test_a_broken_archive_is_one_line(folder: Path, tmp_path: Path) -> None:
    path = archive(tmp_path / "set.tar.gz", {"s2/b-1.tsd": (folder / "s2/b-1.tsd").read_bytes() * 100})
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataError, match="expected a readable archive"):
        read(path)
    path.write_bytes(b"no archive")
    with pytest.raises(DataError, match="expected a readable archive"):
        read(path)
    with pytest.raises(DataError, match="No such file or directory; expected a readable archive"):
        read(tmp_path / "none.tar.gz")


@pytest.mark.parametrize("name", ["../a-1.tsd", "/etc/a-1.tsd", "s1/../../a-1.tsd"])
def test_a_way_out_of_an_archive_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a way out of the archive; expected names of folders and files within"):
        read(archive(tmp_path / "set.tar.gz", {name: tsd().encode()}))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_an_archive_are_refused(kind: bytes, tmp_path: Path) -> None:
    info = tarfile.TarInfo("s1/a-1.tsd")
    info.type, info.linkname = kind, "/etc/passwd"
    with tarfile.open(tmp_path / "set.tar.gz", "w:gz") as file:
        file.addfile(info)
    with pytest.raises(DataError, match=r"s1/a-1\.tsd: a link or a device; expected plain files alone"):
        read(tmp_path / "set.tar.gz")


def test_what_is_too_large_is_refused_before_it_is_read(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive(tmp_path / "set.tar.gz", {"s1/a-1.tsd": bytes(5000)})
    monkeypatch.setattr(open_recording, "LARGEST", 100)
    for asked in (path, folder, folder / "s2" / "b-1.tsd"):
        with pytest.raises(DataError, match=r"bytes; expected at most 100$"):
            read(asked)


def test_an_announced_size_is_not_believed_but_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("s1/a-1.tsd")
    info.size = 1 << 40
    (tmp_path / "set.tar").write_bytes(info.tobuf() + bytes(1024))
    with pytest.raises(DataError, match="1099511627776 bytes; expected at most"):
        read(tmp_path / "set.tar")


def test_too_many_files_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_recording, "MOST_FILES", 2)
    with pytest.raises(DataError, match=r"at least 3 files of .* expected at most 2 files"):
        read(folder)


def test_a_member_of_an_archive_that_is_no_sign_is_named(tmp_path: Path) -> None:
    raw = io.StringIO(tsd()).read().replace("0.5", "x").encode()
    with pytest.raises(DataError, match=r"set\.tar\.gz/s1/a-1\.tsd: line 1: 'x'; expected a number"):
        read(archive(tmp_path / "set.tar.gz", {"s1/a-1.tsd": raw}))
