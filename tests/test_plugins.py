"""Families and outputs by name."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from engine import plugins
from engine.schema.errors import ConfigError
from engine.schema.show import Options


@pytest.fixture
def rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with outputs `midi` and `vmc`, a helper, and a module that cannot be imported."""
    package = tmp_path / "rooms_for_plugins"
    package.mkdir()
    for name in ("__init__", "midi", "vmc", "_helper"):
        (package / f"{name}.py").write_text(f"def create(*given):\n    return ({name!r}, *given)\n")
    (package / "broken.py").write_text("raise RuntimeError('imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(plugins, "OUTPUTS", package.name)
    monkeypatch.setattr(plugins, "FAMILIES", package.name)
    return package


@pytest.mark.usefixtures("rooms")
def test_names_are_listed_sorted_without_helpers_and_without_an_import() -> None:
    assert plugins.outputs() == plugins.families() == ("broken", "midi", "vmc")
    assert "rooms_for_plugins.midi" not in sys.modules


@pytest.mark.usefixtures("rooms")
def test_the_factory_of_a_module_is_its_create() -> None:
    made: object = plugins.output("vmc")("spec", (1, 2), "/x", None)  # type: ignore[arg-type]
    assert made == ("vmc", "spec", (1, 2), "/x", None)
    assert plugins.family("midi")("loaded", 2) == ("midi", "loaded", 2)  # type: ignore[arg-type,comparison-overlap]


@pytest.mark.usefixtures("rooms")
def test_an_unknown_name_is_one_line_with_a_guess() -> None:
    with pytest.raises(ConfigError) as caught:
        plugins.output("vcm", place="outputs[0].kind")
    assert str(caught.value) == (
        "outputs[0].kind: no such kind 'vcm' (did you mean 'vmc'?); "
        "expected a known kind (available: broken, midi, vmc)"
    )


@pytest.mark.usefixtures("rooms")
@pytest.mark.parametrize("name", ["", "_helper", "__init__", "midi.create", "..os", "xyzzy"])
def test_only_listed_names_are_imported(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(module: str) -> ModuleType:
        raise AssertionError(module)

    monkeypatch.setattr(importlib, "import_module", never)
    with pytest.raises(ConfigError, match=r"^model\.family: no such kind .*; expected a known kind"):
        plugins.family(name)


@pytest.mark.parametrize("name", plugins.outputs())
def test_every_output_of_the_engine_can_be_made_by_name(name: str) -> None:
    assert callable(plugins.output(name))


@pytest.mark.parametrize("name", plugins.families())
def test_every_family_of_the_engine_can_be_made_by_name(name: str) -> None:
    assert callable(plugins.family(name))


def test_the_native_output_is_found() -> None:
    assert "native" in plugins.outputs()


def test_every_output_says_what_it_can_be_asked_for() -> None:
    assert tuple(plugins.options()) == plugins.outputs()
    assert all(issubclass(kind, Options) for kind in plugins.options().values())


def test_one_body_to_a_port_is_the_exception() -> None:
    assert [name for name in plugins.outputs() if plugins.single(name)] == ["vmc"]


@pytest.mark.parametrize("name", plugins.screens())
def test_every_screen_of_the_engine_can_be_made_by_name(name: str) -> None:
    assert callable(plugins.screen(name))


def test_every_screen_says_what_it_can_be_asked_for_without_its_package() -> None:
    assert plugins.screens() == ("mjpeg", "ndi", "shm", "spout", "syphon", "v4l2")
    assert tuple(plugins.screen_options()) == plugins.screens()
    assert all(issubclass(kind, Options) for kind in plugins.screen_options().values())


def test_a_screen_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match=r"screens\.kind: no such kind 'mjpg' \(did you mean 'mjpeg'\?\)"):
        plugins.screen("mjpg")
