"""What tells one build and one machine from another."""

from pathlib import Path

import pytest

from engine import identity


def built(folder: Path, files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.setattr(identity, "PACKAGE", folder)
    return identity.build.__wrapped__()


def test_a_build_is_the_contents_of_its_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"a.py": "1", "b/c.py": "2"}
    first = built(tmp_path / "one", files, monkeypatch)
    assert built(tmp_path / "two", {**files, "b/model.onnx": "x"}, monkeypatch) == first
    others = [{"a.py": "1", "b/c.py": "3"}, {"a.py": "1"}, {"a.py": "1", "b/d.py": "2"}, {"a.py": "12", "b/c.py": ""}]
    found = {built(tmp_path / f"other{at}", other, monkeypatch) for at, other in enumerate(others)}
    assert len(found | {first}) == 5


def test_a_machine_is_named_with_what_computes() -> None:
    assert "numpy" in identity.machine()
    assert identity.processor() in identity.machine()
    assert identity.machine() == identity.machine()
