"""What a person wrote, in a file or on a command line, as values of the types that a struct declares.

The description of a type's `Meta` is what an error calls expected.
"""

import difflib
import re
from collections.abc import Collection
from pathlib import Path
from typing import get_args

import msgspec
from msgspec import Meta
from msgspec.structs import FieldInfo, fields

from engine.schema.errors import ConfigError

WITHIN = re.compile(r"`\$\[(\d+)\]`$")
"""Where msgspec says which item of a list is wrong."""

LONGEST = 60
"""Characters of a value that an error shows."""


def convert(field: FieldInfo, given: object, place: str, *, text: bool = False) -> object:
    """The value of a field.

    Args:
        field: of a struct.
        given: what was written.
        place: where.
        text: whether it was written as text whatever it means, as in a URL.

    Raises:
        ConfigError: it is no such value.
    """
    try:
        converted: object = msgspec.convert(given, field.type, strict=not text)
    except msgspec.ValidationError as error:
        within = WITHIN.search(str(error))
        if within and isinstance(given, list | tuple) and not text:
            place, given = f"{place}[{within[1]}]", given[int(within[1])]
        raise ConfigError(place, shown(given), expected(field.type)) from error
    return converted


def verify(struct: type[msgspec.Struct], key: str, given: object, place: str) -> None:
    """Make sure that a key of a table, such as `fps` of `Settings`, may be set to what was given at `place`.

    Raises:
        ConfigError: it may not.
    """
    convert(next(field for field in fields(struct) if field.name == key), given, place)


def expected(kind: object) -> str:
    """The words with which a type says what it takes."""
    if isinstance(kind, Meta):
        return kind.description or ""
    if kind is bool:
        return "true or false"
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return f"a table of {', '.join(kind.__struct_fields__)}"
    return next(filter(None, map(expected, get_args(kind))), "")


def is_file(kind: object) -> bool:
    """Whether a type says that it takes the path of a file."""
    if isinstance(kind, Meta):
        return bool(kind.extra and kind.extra.get("file"))
    return any(map(is_file, get_args(kind)))


def find_file(name: str, place: str, folder: Path) -> str:
    """The path of a file, seen from `folder`.

    Raises:
        ConfigError: there is none.
    """
    path = folder / Path(name).expanduser()
    if not path.is_file():
        raise ConfigError(place, f"no such file '{path}'", "a file that is there")
    return str(path)


def unknown(place: str, key: str, known: Collection[str]) -> ConfigError:
    """The mistake of a key that nobody knows."""
    return ConfigError(place, f"no such key{guess(key, known)}", f"one of {', '.join(known)}")


def guess(name: str, known: Collection[str]) -> str:
    """What was perhaps meant, in brackets; nothing where nothing is near."""
    near = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def shown(given: object) -> str:
    """A value as it stands in the file, as far as one line holds it."""
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, dict | list):
        return "a table" if isinstance(given, dict) else "a list"
    text = repr(given)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
