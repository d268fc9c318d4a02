"""Tables of a file as structs; what is wrong with them is collected, so that all of it is told at once."""

from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import fields

from engine.schema.errors import ConfigError
from engine.values import convert, expected, find_file, is_file, shown, unknown


class Tables:
    """Reads the tables of one file.

    Args:
        folder: from where files that it names are looked for.

    Attributes:
        mistakes: in the order in which they were met.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mistakes: list[ConfigError] = []

    def scalars(self, struct: type[msgspec.Struct], place: str, table: dict[str, Any]) -> dict[str, Any]:
        """The good values of a table; unknown, wrong and missing keys are noted."""
        known = {field.name: field for field in fields(struct)}
        values: dict[str, Any] = {}
        for key, given in table.items():
            if key not in known:
                self.mistakes.append(unknown(f"{place}.{key}", key, tuple(known)))
                continue
            try:
                values[key] = convert(known[key], given, f"{place}.{key}")
                if is_file(known[key].type):
                    values[key] = find_file(given, f"{place}.{key}", self.folder)
            except ConfigError as error:
                self.mistakes.append(error)
        for key, field in known.items():
            if field.required and key not in table:
                self.mistake(f"{place}.{key}", "nothing", expected(field.type))
        return values

    def tables(self, place: str, given: object) -> list[dict[str, Any]]:
        """A list of tables."""
        if not isinstance(given, list):
            self.mistake(place, shown(given), f"[[{place}]] tables")
            return []
        return [self.table(f"{place}[{number}]", item) for number, item in enumerate(given)]

    def table(self, place: str, given: object) -> dict[str, Any]:
        """A table."""
        if not isinstance(given, dict):
            self.mistake(place, shown(given), f"a table [{place}]")
            return {}
        return given

    def mistake(self, place: str, found: str, expected: str) -> None:
        """Note a mistake."""
        self.mistakes.append(ConfigError(place, found, expected))
