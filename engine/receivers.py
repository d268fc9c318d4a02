"""Receivers as a person writes them: a URL such as `td://192.168.1.20:7000?every=2`, or a table `[[outputs]]`.

Both know the same keys: those of every receiver (`performer`, `every`, `smooth`, `beta`) and those of its protocol. A
MIDI port has a `name` in place of all of those, `midi://FLUID Synth`. Screens are written likewise, `[[screens]]` or
`mjpeg://127.0.0.1:9103?scale=4`; some have a `name` in place of host and port, `ndi://figurant`, `v4l2:///dev/video10`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar, get_origin
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from msgspec.structs import FieldInfo, fields

from engine.schema.errors import ConfigError
from engine.schema.kinds import Text
from engine.schema.show import Options, Output, Screen
from engine.values import convert, expected, find_file, guess, is_file, shown, unknown

Kinds = Mapping[str, type[Options]]
"""The protocols that there are, each with what can be asked of it."""

WHERE = ("kind", "host", "port")
"""What a URL says before its question mark."""

NAMED = ("kind", "name")
"""Likewise one of what has a name; that stands where others have their host."""

Written = TypeVar("Written", Output, Screen)


class Context(NamedTuple, Generic[Written]):
    """Where a receiver is written, and what it may be.

    Attributes:
        place: for errors.
        folder: from where files that it names are looked for.
        kinds: the protocols, or the kinds of screens.
        makes: which of both is made.
    """

    place: str
    folder: Path
    kinds: Kinds
    makes: type[Written]


def from_url(url: str, context: Context[Written]) -> Written:
    """A receiver written as `KIND://HOST:PORT?KEY=VALUE&...`; `[::1]` for IPv6.

    Raises:
        ConfigError: the first mistake in it.
    """
    made, mistakes = _read({}, _split(url, context.place, context.kinds), context)
    if made is None:
        raise mistakes[0]
    return made


def from_table(table: Mapping[str, Any], context: Context[Written]) -> tuple[Written | None, list[ConfigError]]:
    """A receiver written as a table with `url`, or with `kind`, `host` and `port`; None and every mistake in it."""
    given = {key: value for key, value in table.items() if key != "url"}
    try:
        said = _split(table["url"], f"{context.place}.url", context.kinds) if "url" in table else {}
    except ConfigError as error:
        return None, [error]
    if twice := sorted(said.keys() & given.keys()):
        return None, [ConfigError(context.place, f"url and {', '.join(twice)}", "each said once")]
    return _read(given, said, context)


def _read(
    given: Mapping[str, Any], said: Mapping[str, Any], context: Context[Written]
) -> tuple[Written | None, list[ConfigError]]:
    """A receiver from what a table has `given` and what its URL has `said`, which is all text."""
    try:
        kind = _known_kind({**given, **said}, context)
    except ConfigError as error:
        return None, [*_strangers(given, context), error]
    known = _known(context.kinds[kind], context.makes)
    mistakes: list[ConfigError] = []
    values: dict[str, Any] = {}
    for key, value in {**said, **given}.items():
        try:
            values[key] = _value(key, value, known, context, text=key in said)
        except ConfigError as error:
            mistakes.append(error)
    for key, field in known.items():
        if (field.required or key in ("name", "port")) and key not in given and key not in said:
            mistakes.append(ConfigError(f"{context.place}.{key}", "nothing", expected(field.type)))
    return (None if mistakes else _made(values, context.kinds[kind], context.makes)), mistakes


def _split(url: object, place: str, kinds: Kinds) -> dict[str, Any]:
    """What a URL says; all of it is text."""
    if not isinstance(url, str):
        raise ConfigError(place, shown(url), "KIND://HOST:PORT")
    try:
        parts = urlsplit(url)
        named = _is_named(parts.scheme, kinds)
        said = _name(parts) if named else _socket(parts)
    except ValueError as error:
        raise ConfigError(place, f"{url!r} ({error})", "KIND://HOST:PORT with a port from 1 to 65535") from error
    _check_kind(parts.scheme, place, kinds)
    device = named and not parts.netloc
    if not said or not (device or parts.path in ("", "/")) or parts.fragment:
        form = "NAME, # ? / and % in it as %23 %3F %2F %25" if named else "HOST:PORT with a port from 1 to 65535"
        raise ConfigError(place, repr(url), f"{parts.scheme}://{form}")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    asked = dict(pairs)
    if len(asked) < len(pairs) or not asked.keys().isdisjoint({*WHERE, *NAMED}):
        words = "neither kind nor name" if named else "neither kind, host nor port"
        raise ConfigError(place, repr(url), f"each option once, and {words} among them")
    return {"kind": parts.scheme, **said, **asked}


def _socket(parts: SplitResult) -> dict[str, str]:
    """Host and port of a URL; nothing where it has not both.

    Raises:
        ValueError: no port.
    """
    whole = parts.hostname and parts.port and parts.username is None
    return {"host": str(parts.hostname), "port": str(parts.port)} if whole else {}


def _name(parts: SplitResult) -> dict[str, str]:
    """The name that a URL goes to, or, without one, the path of a device; nothing where it has neither."""
    name = unquote(parts.netloc or parts.path.rstrip("/"))
    return {"name": name} if name else {}


def _is_named(kind: str, kinds: Kinds) -> bool:
    """Whether it goes to something with a name."""
    return kind in kinds and kinds[kind].named


def _known(kind: type[Options], makes: type[Output | Screen]) -> dict[str, FieldInfo]:
    """What can be said of a receiver, by the name of the key."""
    common = {field.name: field for field in fields(makes) if field.name != "options"}
    if kind.named:
        others = {key: field for key, field in common.items() if key not in WHERE}
        common = {"kind": common["kind"], "name": common["host"], **others}
    if kind.bare:
        common = {key: field for key, field in common.items() if key in (*WHERE, *NAMED)}
    return common | {field.name: field for field in fields(kind)}


def _known_kind(given: Mapping[str, Any], context: Context[Written]) -> str:
    place = f"{context.place}.kind"
    if "kind" not in given:
        raise ConfigError(place, "nothing", expected(Text))
    if not isinstance(given["kind"], str):
        raise ConfigError(place, shown(given["kind"]), expected(Text))
    _check_kind(given["kind"], place, context.kinds)
    return given["kind"]


def _check_kind(kind: str, place: str, kinds: Kinds) -> None:
    if kind not in kinds:
        found = f"no such kind {kind!r}{guess(kind, kinds)}"
        raise ConfigError(place, found, "a known kind", f"available: {', '.join(sorted(kinds))}")


def _strangers(given: Mapping[str, Any], context: Context[Written]) -> list[ConfigError]:
    """The keys that no receiver has, whatever its kind, where none is known: one of them may be meant to be it."""
    common = ("url", *(field.name for field in fields(context.makes) if field.name != "options"))
    return [unknown(f"{context.place}.{key}", key, common) for key in given if guess(key, common) and key not in common]


def _value(key: str, given: object, known: Mapping[str, FieldInfo], context: Context[Written], *, text: bool) -> object:
    place = f"{context.place}.{key}"
    if key not in known:
        raise unknown(place, key, tuple(known))
    try:
        several = get_origin(known[key].type) is tuple
        value = convert(known[key], _several(given) if several else given, place, text=text)
    except ConfigError as error:
        error.found = shown(given)
        raise
    if is_file(known[key].type) and value is not None:
        return find_file(str(value), place, context.folder)
    return value


def _several(given: object) -> object:
    """One thing, a list of them, or text with commas between."""
    if isinstance(given, str):
        return given.split(",")
    return [given] if isinstance(given, int) else given


def _made(values: dict[str, Any], kind: type[Options], makes: type[Written]) -> Written:
    own = {field.name for field in fields(kind)}
    asked = {key: value for key, value in values.items() if key in own}
    common = {"host" if key == "name" else key: value for key, value in values.items() if key not in own}
    return makes(**common, options=kind(**asked) if asked else None)
