"""What writes a file is known by the end of its name, and imported when it is asked for."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.schema.errors import ConfigError
from export.formats import table


@pytest.mark.parametrize("name", ["a.bvh", "A.CSV", "b.npy", "b.npz", "c.chan", "c.clip", "d.mid"])
def test_a_module_writes_a_suffix(name: str) -> None:
    assert callable(table.find(Path(name)).write)


@pytest.mark.parametrize("name", ["dance.fbx", "dance", "dance.bvh.gz", ".bvh"])
def test_an_unknown_suffix_is_one_line_with_those_that_are_known(name: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"one of {' '.join(table.MODULES)}")) as caught:
        table.find(Path(name))
    assert "\n" not in str(caught.value)


def test_nothing_is_imported_before_it_is_needed() -> None:
    large = ("av", "ezc3d", "PIL", "pxr", "scipy.spatial")
    code = f"import sys; from export.formats import table; print([m for m in {large} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_missing_library_is_one_line_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(table.MODULES, ".xyz", "bvh")
    monkeypatch.delitem(sys.modules, "export.formats.bvh", raising=False)
    monkeypatch.delitem(sys.modules, "export.formats.angles", raising=False)
    monkeypatch.setitem(sys.modules, "scipy.spatial.transform", None)
    with pytest.raises(ConfigError, match=r"pip install 'figurant\[export\]'"):
        table.find(Path("a.xyz"))
