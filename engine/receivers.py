"""Receivers as a person writes them: a URL such as `td://192.168.1.20:7000?every=2`, or a table `[[outputs]]`.

Both know the same keys: those of every receiver (`performer`, `every`, `smooth`, `beta`) and those of its protocol.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from msgspec.structs import FieldInfo, fields

from engine.schema.errors import ConfigError
from engine.schema.show import Options, Output
from engine.values import convert, expected, guess, is_file, shown, unknown

Kinds = Mapping[str, type[Options]]
"""The protocols that there are, each with what can be asked of it."""

WHERE = ("kind", "host", "port")
"""What a URL says before its question mark."""


class Context(NamedTuple):
    """Where a receiver is written, and what it may be.

    Attributes:
        place: for errors.
        folder: from where files that it names are looked for.
        kinds: the protocols.
    """

    place: str
    folder: Path
    kinds: Kinds


def from_url(url: str, context: Context) -> Output:
    """A receiver written as `KIND://HOST:PORT?KEY=VALUE&...`; `[::1]` for IPv6.

    Raises:
        ConfigError: the first mistake in it.
    """
    made, mistakes = from_table({"url": url}, context)
    if made is None:
        raise mistakes[0]
    return made


def from_table(table: Mapping[str, Any], context: Context) -> tuple[Output | None, list[ConfigError]]:
    """A receiver written as a table with `url`, or with `kind`, `host` and `port`; None and every mistake in it."""
    try:
        given, text = _gather(table, context)
        kind = _kind(given, context)
    except ConfigError as error:
        return None, [error]
    known = {field.name: field for field in (*fields(Output), *fields(context.kinds[kind])) if field.name != "options"}
    mistakes: list[ConfigError] = []
    values: dict[str, Any] = {}
    for key, value in given.items():
        try:
            values[key] = _value(key, value, known, context, text=key in text)
        except ConfigError as error:
            mistakes.append(error)
    for key, field in known.items():
        if field.required and key not in given:
            mistakes.append(ConfigError(f"{context.place}.{key}", "nothing", expected(field.type)))
    return (None if mistakes else _made(values, context.kinds[kind])), mistakes


def _gather(table: Mapping[str, Any], context: Context) -> tuple[dict[str, Any], frozenset[str]]:
    """Every key with its value, and the keys whose value was written as text."""
    if "url" not in table:
        return dict(table), frozenset()
    said = _split(table["url"], context)
    more = {key: value for key, value in table.items() if key != "url"}
    if twice := sorted(said.keys() & more.keys()):
        raise ConfigError(context.place, f"url and {', '.join(twice)}", "each said once")
    return said | more, frozenset(said)


def _split(url: object, context: Context) -> dict[str, Any]:
    """What a URL says; all of it is text."""
    place = context.place
    if not isinstance(url, str):
        raise ConfigError(place, shown(url), "KIND://HOST:PORT")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError(place, f"{url!r} ({error})", "KIND://HOST:PORT with a port from 1 to 65535") from error
    _kind({"kind": parts.scheme}, context)
    if not host or not port or parts.path not in ("", "/") or parts.fragment or parts.username is not None:
        raise ConfigError(place, repr(url), f"{parts.scheme}://HOST:PORT with a port from 1 to 65535")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    asked = dict(pairs)
    if len(asked) < len(pairs) or not asked.keys().isdisjoint(WHERE):
        raise ConfigError(place, repr(url), "each option once, and neither kind, host nor port among them")
    return {"kind": parts.scheme, "host": host, "port": str(port), **asked}


def _kind(given: Mapping[str, Any], context: Context) -> str:
    kind = given.get("kind")
    if kind is None:
        raise ConfigError(f"{context.place}.kind", "nothing", f"one of {', '.join(sorted(context.kinds))}")
    if not isinstance(kind, str) or kind not in context.kinds:
        found = f"no such kind {kind!r}{guess(str(kind), context.kinds)}"
        raise ConfigError(context.place, found, "a known kind", f"available: {', '.join(sorted(context.kinds))}")
    return kind


def _value(key: str, given: object, known: Mapping[str, FieldInfo], context: Context, *, text: bool) -> object:
    place = f"{context.place}.{key}"
    if key not in known:
        raise unknown(place, key, tuple(known))
    if key == "performer":
        given = _several(given)
    value = convert(known[key], given, place, text=text)
    if is_file(known[key].type) and value is not None:
        return _file(str(value), place, context.folder)
    return value


def _several(given: object) -> object:
    """One number, a list of them, or numbers with commas between."""
    if isinstance(given, str):
        return given.split(",")
    return [given] if isinstance(given, int) else given


def _file(name: str, place: str, folder: Path) -> str:
    path = folder / Path(name).expanduser()
    if not path.is_file():
        raise ConfigError(place, f"no such file '{path}'", "a file that is there")
    return str(path)


def _made(values: dict[str, Any], kind: type[Options]) -> Output:
    own = {field.name for field in fields(kind)}
    options = kind(**{key: value for key, value in values.items() if key in own})
    return Output(**{key: value for key, value in values.items() if key not in own}, options=options)
