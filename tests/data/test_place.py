from pathlib import Path

import pytest

from engine.schema.errors import DataError
from export.data import place


def test_the_variable_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(place.VARIABLE, str(tmp_path))
    (tmp_path / "dance.npz").touch()
    assert place.folder() == tmp_path
    assert place.locate("dance.npz") == tmp_path / "dance.npz"
    assert place.locate(tmp_path / "dance.npz") == tmp_path / "dance.npz"


def test_without_the_variable_it_lies_beside_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(place.VARIABLE, raising=False)
    root = Path(__file__).resolve().parents[2]
    assert place.folder() == root.parent / "shared" / "data"


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(place.VARIABLE, str(tmp_path))
    with pytest.raises(DataError) as caught:
        place.locate("no/dance.npz")
    assert str(caught.value).startswith("no/dance.npz: no such file or folder; expected a recording")
    assert str(tmp_path) in caught.value.hint
    with pytest.raises(DataError) as caught:
        place.locate(tmp_path / "none")
    assert caught.value.hint == ""
