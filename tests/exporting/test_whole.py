"""Files are whole or not there."""

from pathlib import Path

import pytest

from engine.schema.errors import ConfigError
from export import whole


def test_folders_are_made_and_nothing_else_is_left(tmp_path: Path) -> None:
    whole.write(tmp_path / "new" / "a.json", b"{}")
    assert [(path.name, path.read_bytes()) for path in (tmp_path / "new").iterdir()] == [("a.json", b"{}")]


@pytest.mark.parametrize(
    ("ended", "expected"), [(KeyboardInterrupt(), KeyboardInterrupt), (OSError(28, "No space left"), ConfigError)]
)
def test_whatever_ends_it_leaves_the_file_that_was_there(
    ended: BaseException, expected: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    write = Path.write_bytes

    def broken(part: Path, contents: bytes) -> int:
        write(part, contents[:1])
        raise ended

    monkeypatch.setattr(Path, "write_bytes", broken)
    with pytest.raises(expected):
        whole.write(path, b"new")
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("a.json", b"old")]
