"""Reading a show from a file (TOML) or from a command line, and everything that can be wrong with it.

A mistake is a `ConfigError` whose place is the key in the file, such as `outputs[0].port`; all are found at once.
"""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import fields

from engine import models
from engine.receivers import Context, Kinds, from_table
from engine.schema.controls import CONTROLS, expanded, make_controls
from engine.schema.errors import ConfigError
from engine.schema.show import Act, Output, Performer, Settings, Show
from engine.values import convert, expected, shown, unknown

BUNDLED = Path(models.__file__).parent
"""Folder of the models that come with the engine; each is known by its name without `.onnx`."""

TABLES = ("show", "act", "acts", "outputs")

NESTED = ("controls", "performer")
"""Tables within an act."""

BY_NAME = expanded(CONTROLS)


def default(model: str | None = None) -> Show:
    """The show that is played without a file: one performer, to the receiver on this machine.

    Args:
        model: a file or a bundled name; None takes the bundled dance.

    Raises:
        ConfigError: there is no such model.
    """
    path = find_model(model or Act().model, Path(), "model")
    return Show(acts=(Act(model=str(path)),))


def load(path: Path, kinds: Kinds) -> Show:
    """Read a show.

    Args:
        path: of the file; models are looked for from its folder.
        kinds: the protocols that there are, with their options.

    Raises:
        ConfigError: the first mistake in it.
    """
    reader = _Reader(path, kinds)
    show = reader.show()
    if reader.mistakes:
        raise reader.mistakes[0]
    return show


def check(path: Path, kinds: Kinds) -> list[ConfigError]:
    """Every mistake in a show; arguments as for `load`."""
    reader = _Reader(path, kinds)
    reader.show()
    return reader.mistakes


def find_model(name: str, folder: Path, place: str) -> Path:
    """The file of a model: a bundled one, or one that is there, seen from `folder`.

    Raises:
        ConfigError: there is none.
    """
    bundled = {path.stem: path for path in sorted(BUNDLED.glob("*.onnx"))}
    if name in bundled:
        return bundled[name]
    path = folder / Path(name).expanduser()
    if path.is_file():
        return path
    found = f"no such file '{path}'" if Path(name).suffix or len(Path(name).parts) > 1 else f"no model '{name}'"
    raise ConfigError(place, found, "an .onnx file", f"bundled: {', '.join(bundled) or 'none'}")


def control(key: str, given: object, place: str) -> float:
    """What a control is set to.

    Raises:
        ConfigError: it is no number, or out of range.
    """
    limits = BY_NAME[key]
    whole = limits.kind != "float"
    try:
        number = msgspec.convert(given, int) if whole else msgspec.convert(given, float)
        limits.check(number)
    except (msgspec.ValidationError, ConfigError) as error:
        wanted = f"a {'whole ' if whole else ''}number from {limits.low:g} to {limits.high:g}"
        raise ConfigError(place, shown(given), wanted) from error
    return number


class _Reader:
    """Reads a file as a show and collects what is wrong with it.

    Attributes:
        mistakes: in the order of the file's tables.
    """

    def __init__(self, path: Path, kinds: Kinds) -> None:
        self.mistakes: list[ConfigError] = []
        self._path = path
        self._kinds = kinds

    def show(self) -> Show:
        """The show, with defaults in the place of what is wrong."""
        document = self._parse()
        for key in document:
            if key not in TABLES:
                self.mistakes.append(unknown(key, key, TABLES))
        settings = Settings(**self._scalars(Settings, "show", self._table("show", document.get("show", {}))))
        acts = tuple(self._act(place, table) for place, table in self._acts(document))
        outputs = self._outputs(document)
        return Show(settings=settings, acts=acts or Show().acts, outputs=outputs or Show().outputs)

    def _parse(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self._path.read_text(encoding="utf-8"))
        except OSError as error:
            self._mistake(str(self._path), error.strerror or str(error), "a readable show (TOML)")
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            self._mistake(str(self._path), str(error), "a show (TOML)")
        return {}

    def _acts(self, document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        several = self._tables("acts", document.get("acts", []))
        if "act" in document and "acts" in document:
            self._mistake("acts", "both [act] and [[acts]]", "one of them")
        elif len(several) > 1:
            self._mistake("acts", f"{len(several)} acts", "one act to a show")
        if "act" in document or not several:
            yield "act", self._table("act", document.get("act", {}))
        for number, table in enumerate(several):
            yield f"acts[{number}]", table

    def _act(self, place: str, table: dict[str, Any]) -> Act:
        values = self._scalars(Act, place, {key: table[key] for key in table if key not in NESTED})
        values["controls"] = make_controls(self._controls(f"{place}.controls", table.get("controls", {})))
        values["performer"] = self._performers(f"{place}.performer", table.get("performer", []))
        try:
            name = values.get("model", Act().model)
            values["model"] = str(find_model(name, self._path.parent, f"{place}.model"))
        except ConfigError as error:
            self.mistakes.append(error)
        return Act(**values)

    def _controls(self, place: str, given: object, known: Collection[str] = tuple(BY_NAME)) -> dict[str, Any]:
        """The good values of a table of controls."""
        values: dict[str, Any] = {}
        for key, number in self._table(place, given).items():
            if key not in known:
                self.mistakes.append(unknown(f"{place}.{key}", key, known))
                continue
            try:
                values[key] = control(key, number, f"{place}.{key}")
            except ConfigError as error:
                self.mistakes.append(error)
        return values

    def _performers(self, place: str, given: object) -> tuple[Performer, ...]:
        found: list[Performer] = []
        for number, table in enumerate(self._tables(place, given)):
            made = self._performer(f"{place}[{number}]", table)
            if made and made.number in [other.number for other in found]:
                self._mistake(f"{place}[{number}].number", f"{made.number} for the second time", "each performer once")
            found += [made] if made else []
        return tuple(found)

    def _performer(self, place: str, table: dict[str, Any]) -> Performer | None:
        before = len(self.mistakes)
        values = self._scalars(Performer, place, {key: table[key] for key in table if key != "controls"})
        own = [name for name, control in BY_NAME.items() if control.scope == "performer"]
        values["controls"] = self._controls(f"{place}.controls", table.get("controls", {}), own)
        return None if len(self.mistakes) > before else Performer(**values)

    def _outputs(self, document: Mapping[str, Any]) -> tuple[Output, ...]:
        found: list[Output] = []
        for number, table in enumerate(self._tables("outputs", document.get("outputs", []))):
            context = Context(f"outputs[{number}]", self._path.parent, self._kinds)
            made, mistakes = from_table(table, context)
            self.mistakes += mistakes
            if made in found:
                self._mistake(context.place, f"{made} for the second time", "each receiver once")
            found += [made] if made else []
        return tuple(found)

    def _scalars(self, struct: type[msgspec.Struct], place: str, table: dict[str, Any]) -> dict[str, Any]:
        """The good values of a table; unknown, wrong and missing keys are noted."""
        known = {field.name: field for field in fields(struct)}
        values: dict[str, Any] = {}
        for key, given in table.items():
            if key not in known:
                self.mistakes.append(unknown(f"{place}.{key}", key, tuple(known)))
                continue
            try:
                values[key] = convert(known[key], given, f"{place}.{key}")
            except ConfigError as error:
                self.mistakes.append(error)
        for key, field in known.items():
            if field.required and key not in table:
                self._mistake(f"{place}.{key}", "nothing", expected(field.type))
        return values

    def _tables(self, place: str, given: object) -> list[dict[str, Any]]:
        if not isinstance(given, list):
            self._mistake(place, shown(given), f"[[{place}]] tables")
            return []
        return [self._table(f"{place}[{number}]", item) for number, item in enumerate(given)]

    def _table(self, place: str, given: object) -> dict[str, Any]:
        if not isinstance(given, dict):
            self._mistake(place, shown(given), f"a table [{place}]")
            return {}
        return given

    def _mistake(self, place: str, found: str, expected: str) -> None:
        self.mistakes.append(ConfigError(place, found, expected))
