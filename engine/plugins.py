"""Families, outputs and screens are found by the name of their module and imported when they are asked for.

A module `engine/families/<name>.py` has `create(loaded, performers)`, and `PART = "keys"` where it is for a piano; one
for pictures has `PART = "images"` and `create(loaded, device, seed)`, one for signs `PART = "signs"` and
`create(loaded, device)`. A module `engine/outputs/<name>.py` has
`create(spec, performers, root, options)` and a struct `Options` of what a person may ask of it; a module
`engine/screens/<name>.py` has `create(screen, size, fps, name, say)` and `Options` likewise. One whose name begins with
an underscore is a helper.
"""

import difflib
import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Protocol

from engine.contracts import Family, Loaded, Output, Touch
from engine.imagery import Imagery
from engine.imagery import Screen as OpenScreen
from engine.recognition import Recogniser
from engine.schema.controls import Part
from engine.schema.errors import ConfigError
from engine.schema.model import ModelSpec, Size
from engine.schema.show import Options, Screen

# Names, not imports: this module lies below these packages and must not depend on them.
FAMILIES = "engine.families"
OUTPUTS = "engine.outputs"
SCREENS = "engine.screens"


class FamilyFactory(Protocol):
    """`create` of a family's module."""

    def __call__(self, loaded: Loaded, performers: int) -> Family:
        """Make the family of one act."""
        ...


class TouchFactory(Protocol):
    """`create` of the module of a family for keys."""

    def __call__(self, loaded: Loaded, performers: int) -> Touch:
        """Make what one pianist strikes keys with; there is one performer."""
        ...


class ImageryFactory(Protocol):
    """`create` of the module of a family for images."""

    def __call__(self, loaded: Loaded, device: str, seed: int) -> Imagery:
        """Make what plays a model of pictures.

        Args:
            loaded: the model's file.
            device: `cpu`, `cuda` or `auto`.
            seed: of its noise.
        """
        ...


class RecogniserFactory(Protocol):
    """`create` of the module of a family for signs."""

    def __call__(self, loaded: Loaded, device: str) -> Recogniser:
        """Make what recognises signs; `device` is `cpu`, `cuda` or `auto`."""
        ...


class OutputFactory(Protocol):
    """`create` of an output's module."""

    def __call__(self, spec: ModelSpec, performers: Sequence[int], root: str, options: Options) -> Output:
        """Make the output of one act.

        Args:
            spec: its model.
            performers: numbers of those who play at the start.
            root: begins every address, `/engine` unless the show says otherwise.
            options: of the module's own type.
        """
        ...


class ScreenFactory(Protocol):
    """`create` of a screen's module."""

    def __call__(
        self, screen: Screen, size: Size, *, fps: float, name: str, say: Callable[[str], object]
    ) -> OpenScreen:
        """Open a screen.

        Args:
            screen: as it is written; its options are of the module's own type, or None.
            size: of the pictures.
            fps: frames per second that will be shown.
            name: of the show, for people.
            say: takes one line for a person; any thread calls it.

        Raises:
            ConfigError: it makes no sense, or what it needs is not installed.
            TransportError: its port or its name is taken.
            DeviceError: its device is not there.
        """
        ...


def families() -> tuple[str, ...]:
    """Names of the model families, sorted."""
    return _names(FAMILIES)


def outputs() -> tuple[str, ...]:
    """Names of the protocols, sorted."""
    return _names(OUTPUTS)


def screens() -> tuple[str, ...]:
    """Names of the kinds of screens, sorted."""
    return _names(SCREENS)


def family(name: str, *, place: str = "model.family") -> FamilyFactory:
    """The factory of a family.

    Args:
        name: one of `families()`.
        place: where the name was read, for the error.

    Raises:
        ConfigError: there is no such family.
    """
    factory: FamilyFactory = _module(FAMILIES, name, place).create
    return factory


def touch(name: str, *, place: str = "model.family") -> TouchFactory:
    """The factory of a family for keys; arguments and errors as for `family`."""
    factory: TouchFactory = _module(FAMILIES, name, place).create
    return factory


def imagery(name: str, *, place: str = "model.family") -> ImageryFactory:
    """The factory of a family for images; arguments and errors as for `family`."""
    factory: ImageryFactory = _module(FAMILIES, name, place).create
    return factory


def recogniser(name: str, *, place: str = "model.family") -> RecogniserFactory:
    """The factory of a family for signs; arguments and errors as for `family`."""
    factory: RecogniserFactory = _module(FAMILIES, name, place).create
    return factory


def part(name: str, *, place: str = "model.family") -> Part:
    """What a family plays; its module says `PART = "keys"`, "images" or "signs" where that is not bodies.

    Raises:
        ConfigError: there is no such family.
    """
    found: Part = getattr(_module(FAMILIES, name, place), "PART", "bodies")
    return found


def output(name: str, *, place: str = "outputs.kind") -> OutputFactory:
    """The factory of an output.

    Args:
        name: one of `outputs()`.
        place: where the name was read, for the error.

    Raises:
        ConfigError: there is no such output.
    """
    factory: OutputFactory = _module(OUTPUTS, name, place).create
    return factory


def screen(name: str, *, place: str = "screens.kind") -> ScreenFactory:
    """The factory of a kind of screens; arguments and errors as for `output`."""
    factory: ScreenFactory = _module(SCREENS, name, place).create
    return factory


def single(name: str) -> bool:
    """Whether a receiver of a protocol takes one performer only; its module then says `SINGLE = True`."""
    return getattr(_module(OUTPUTS, name, OUTPUTS), "SINGLE", False)


def options() -> dict[str, type[Options]]:
    """What each protocol can be asked for, by its name."""
    return {name: _module(OUTPUTS, name, OUTPUTS).Options for name in outputs()}


def screen_options() -> dict[str, type[Options]]:
    """What each kind of screens can be asked for, by its name."""
    return {name: _module(SCREENS, name, SCREENS).Options for name in screens()}


def _names(package: str) -> tuple[str, ...]:
    """The public modules of a package, sorted; none of them is imported."""
    found = importlib.util.find_spec(package)
    where = found.submodule_search_locations if found else None
    return tuple(sorted(module.name for module in pkgutil.iter_modules(where or ()) if module.name[0] != "_"))


def _module(package: str, name: str, place: str) -> ModuleType:
    """The module that a person named; only listed names are ever imported."""
    names = _names(package)
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        guess = f" (did you mean {near[0]!r}?)" if near else ""
        raise ConfigError(place, f"no such kind {name!r}{guess}", "a known kind", f"available: {', '.join(names)}")
    return importlib.import_module(f"{package}.{name}")
