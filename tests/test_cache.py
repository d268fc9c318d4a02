"""Where kernels are kept."""

import os
import shutil
from pathlib import Path

import pytest

from engine import cache


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation that cannot be written, and a user's cache folder that can."""
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "sampling").touch()  # a file where a folder is wanted stops even an administrator
    monkeypatch.setattr(cache, "PACKAGE", tmp_path / "package")
    monkeypatch.setattr(cache, "_user_caches", lambda: tmp_path / "user")
    monkeypatch.setenv(cache.VARIABLE, "")
    return tmp_path


def variable() -> str:
    return os.environ[cache.VARIABLE]


def test_the_persons_choice_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    assert cache.prepare() == cache.Cache(tmp_path, lasting=True)
    assert variable() == str(tmp_path)


def test_a_package_that_can_be_written_keeps_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(cache.VARIABLE, "")
    monkeypatch.setattr(cache, "PACKAGE", tmp_path)
    assert cache.prepare() == cache.Cache(tmp_path, lasting=True)
    assert variable() == ""


def test_else_the_users_cache_is_taken(locked: Path) -> None:
    found = cache.prepare()
    assert found == cache.Cache(locked / "user" / "figurant" / "numba", lasting=True)
    assert variable() == str(found.folder)


def test_else_a_temporary_one(locked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (locked / "user").touch()
    monkeypatch.setattr("tempfile.tempdir", str(locked))
    at_exit: list[tuple[object, ...]] = []
    monkeypatch.setattr("atexit.register", lambda *given, **_: at_exit.append(given))
    found = cache.prepare()
    assert not found.lasting
    assert found.folder.is_dir()
    assert found.folder.parent == locked
    assert at_exit == [(shutil.rmtree, found.folder)]
    assert variable() == str(found.folder)


def test_kernels_are_counted_wherever_they_lie(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "one.nbc").touch()
    (tmp_path / "two.nbc").touch()
    (tmp_path / "index.nbi").touch()
    assert cache.Cache(tmp_path, lasting=True).kernels() == 2


def test_kernels_of_other_sources_are_forgotten(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package, kernels = tmp_path / "package", tmp_path / "kernels"
    package.mkdir()
    (package / "one.py").write_text("x = 1")
    monkeypatch.setattr(cache, "PACKAGE", package)
    monkeypatch.setenv(cache.VARIABLE, str(kernels))
    assert cache.prepare().kernels() == 0
    (kernels / "one.nbc").touch()
    (kernels / "one.nbi").touch()
    assert cache.prepare().kernels() == 1
    (package / "one.py").write_text("x = 2 + 2")
    assert cache.prepare().kernels() == 0
    assert not (kernels / "one.nbi").exists()
