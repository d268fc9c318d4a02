"""Reading a show from a file (TOML) or from a command line, and everything that can be wrong with it.

A mistake is a `ConfigError` whose place is the key in the file, such as `outputs[0].port`; all are found at once.
"""

import difflib
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args
from urllib.parse import parse_qsl, urlsplit

import msgspec
from msgspec import Meta
from msgspec.structs import FieldInfo, fields

from engine import models
from engine.schema.controls import CONTROLS, Controls
from engine.schema.errors import ConfigError
from engine.schema.show import Act, Output, Settings, Show

BUNDLED = Path(models.__file__).parent
"""Folder of the models that come with the engine; each is known by its name without `.onnx`."""

TABLES = ("show", "act", "acts", "outputs")


def default(model: str | None = None) -> Show:
    """The show that is played without a file: one performer, to the receiver on this machine.

    Args:
        model: a file or a bundled name; None takes the bundled dance.

    Raises:
        ConfigError: there is no such model.
    """
    path = find_model(model or Act().model, Path(), "model")
    return Show(acts=(Act(model=str(path)),))


def load(path: Path, kinds: Collection[str]) -> Show:
    """Read a show.

    Args:
        path: of the file; models are looked for from its folder.
        kinds: names of the protocols that there are.

    Raises:
        ConfigError: the first mistake in it.
    """
    reader = _Reader(path, kinds)
    show = reader.show()
    if reader.mistakes:
        raise reader.mistakes[0]
    return show


def check(path: Path, kinds: Collection[str]) -> list[ConfigError]:
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


def verify(struct: type[msgspec.Struct], key: str, given: object, place: str) -> None:
    """Make sure that a key of a table, such as `fps` of `Settings`, may be set to what was given at `place`.

    Raises:
        ConfigError: it may not.
    """
    _convert(next(field for field in fields(struct) if field.name == key), given, place)


def control(key: str, given: object, place: str) -> float:
    """What a control is set to.

    Raises:
        ConfigError: it is no number, or out of range.
    """
    limits = next(item for item in CONTROLS if item.name == key)
    whole = isinstance(getattr(Controls(), key), int)
    try:
        number = msgspec.convert(given, int) if whole else msgspec.convert(given, float)
        limits.check(number)
    except (msgspec.ValidationError, ConfigError) as error:
        expected = f"a {'whole ' if whole else ''}number from {limits.low:g} to {limits.high:g}"
        raise ConfigError(place, _shown(given), expected) from error
    return number


def output(url: str, place: str, kinds: Collection[str]) -> Output:
    """A receiver written as `native://127.0.0.1:9100`; `[::1]` for IPv6.

    Raises:
        ConfigError: it is not written like that, or there is no such protocol.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError(place, f"{url!r} ({error})", "KIND://HOST:PORT with a port from 1 to 65535") from error
    _check_kind(parts.scheme, place, kinds)
    if not host or not port or parts.path not in ("", "/") or parts.fragment or parts.username is not None:
        raise ConfigError(place, repr(url), f"{parts.scheme}://HOST:PORT with a port from 1 to 65535")
    for key, _ in parse_qsl(parts.query, keep_blank_values=True):
        raise ConfigError(place, f"no such option {key!r}", f"{parts.scheme}://HOST:PORT without options")
    return Output(kind=parts.scheme, host=host, port=port)


def _check_kind(kind: str, place: str, kinds: Collection[str]) -> None:
    if kind not in kinds:
        found = f"no such kind {kind!r}{_guess(kind, kinds)}"
        raise ConfigError(place, found, "a known kind", f"available: {', '.join(sorted(kinds))}")


class _Reader:
    """Reads a file as a show and collects what is wrong with it.

    Attributes:
        mistakes: in the order of the file's tables.
    """

    def __init__(self, path: Path, kinds: Collection[str]) -> None:
        self.mistakes: list[ConfigError] = []
        self._path = path
        self._kinds = kinds

    def show(self) -> Show:
        """The show, with defaults in the place of what is wrong."""
        document = self._parse()
        for key in document:
            if key not in TABLES:
                self._unknown(key, key, TABLES)
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
        values = self._scalars(Act, place, {key: table[key] for key in table if key != "controls"})
        values["controls"] = self._controls(f"{place}.controls", table.get("controls", {}))
        try:
            name = values.get("model", Act().model)
            values["model"] = str(find_model(name, self._path.parent, f"{place}.model"))
        except ConfigError as error:
            self.mistakes.append(error)
        return Act(**values)

    def _controls(self, place: str, given: object) -> Controls:
        names = [item.name for item in CONTROLS]
        values: dict[str, Any] = {}
        for key, number in self._table(place, given).items():
            if key not in names:
                self._unknown(f"{place}.{key}", key, names)
                continue
            try:
                values[key] = control(key, number, f"{place}.{key}")
            except ConfigError as error:
                self.mistakes.append(error)
        return Controls(**values)

    def _outputs(self, document: Mapping[str, Any]) -> tuple[Output, ...]:
        found: list[Output] = []
        for number, table in enumerate(self._tables("outputs", document.get("outputs", []))):
            place = f"outputs[{number}]"
            try:
                made = self._url(place, table) if "url" in table else self._output(place, table)
            except ConfigError as error:
                self.mistakes.append(error)
                continue
            if made in found:
                self._mistake(place, f"{made} for the second time", "each receiver once")
            found += [made] if made else []
        return tuple(found)

    def _url(self, place: str, table: dict[str, Any]) -> Output:
        if len(table) > 1:
            others = ", ".join(sorted(table.keys() - {"url"}))
            self._mistake(place, f"url and {others}", "either url or kind, host and port")
        if not isinstance(table["url"], str):
            raise ConfigError(f"{place}.url", _shown(table["url"]), "KIND://HOST:PORT")
        return output(table["url"], f"{place}.url", self._kinds)

    def _output(self, place: str, table: dict[str, Any]) -> Output | None:
        before = len(self.mistakes)
        values = self._scalars(Output, place, table, also=("url",))
        if "kind" in values:
            _check_kind(values["kind"], f"{place}.kind", self._kinds)
        return None if len(self.mistakes) > before else Output(**values)

    def _scalars(
        self, struct: type[msgspec.Struct], place: str, table: dict[str, Any], also: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """The good values of a table; unknown, wrong and missing keys are noted."""
        known = {field.name: field for field in fields(struct)}
        values: dict[str, Any] = {}
        for key, given in table.items():
            if key not in known:
                self._unknown(f"{place}.{key}", key, (*known, *also))
                continue
            try:
                values[key] = _convert(known[key], given, f"{place}.{key}")
            except ConfigError as error:
                self.mistakes.append(error)
        for key, field in known.items():
            if field.required and key not in table:
                self._mistake(f"{place}.{key}", "nothing", _expected(field.type))
        return values

    def _tables(self, place: str, given: object) -> list[dict[str, Any]]:
        if not isinstance(given, list):
            self._mistake(place, _shown(given), f"[[{place}]] tables")
            return []
        return [self._table(f"{place}[{number}]", item) for number, item in enumerate(given)]

    def _table(self, place: str, given: object) -> dict[str, Any]:
        if not isinstance(given, dict):
            self._mistake(place, _shown(given), f"a table [{place}]")
            return {}
        return given

    def _unknown(self, place: str, key: str, known: Collection[str]) -> None:
        self._mistake(place, f"no such key{_guess(key, known)}", f"one of {', '.join(known)}")

    def _mistake(self, place: str, found: str, expected: str) -> None:
        self.mistakes.append(ConfigError(place, found, expected))


def _convert(field: FieldInfo, given: object, place: str) -> object:
    try:
        converted: object = msgspec.convert(given, field.type)
    except msgspec.ValidationError as error:
        raise ConfigError(place, _shown(given), _expected(field.type)) from error
    return converted


def _expected(kind: object) -> str:
    """The words with which a type says what it takes."""
    if isinstance(kind, Meta):
        return kind.description or ""
    return next(filter(None, map(_expected, get_args(kind))), "")


def _guess(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _shown(given: object) -> str:
    """A value as it stands in the file, as far as one line holds it."""
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, dict | list):
        return "a table" if isinstance(given, dict) else "a list"
    text = repr(given)
    return text if len(text) <= 60 else f"{text[:60]}..."
