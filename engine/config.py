"""Reading a show from a file (TOML) or from a command line, and everything that can be wrong with it.

A mistake is a `ConfigError` whose place is the key in the file, such as `outputs[0].port`; all are found at once.
"""

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator
from collections.abc import Mapping as Table
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from engine.bundled import find_gloves, find_model, find_score
from engine.receivers import Context, Kinds, Written, from_table
from engine.schema.controls import CONTROLS, PARAMETERS, Part, expanded, make_controls
from engine.schema.errors import ConfigError
from engine.schema.kinds import LONGEST_NAME
from engine.schema.show import (
    OWN_ROWS,
    OWNERS,
    Act,
    Cue,
    Glove,
    Mapping,
    Midi,
    Mqtt,
    Output,
    Performer,
    Screen,
    Settings,
    Show,
    Takes,
    own,
)
from engine.source import located
from engine.tables import Tables
from engine.values import shown, unknown

TABLES = ("show", "act", "acts", "outputs", "screens", "cues", "mqtt", "midi", "takes")

MOST_ACTS = 4

PERFORMER = re.compile(r"p\d+")

NESTED = ("controls", "performer")
"""Tables within an act, and within a cue."""

BY_NAME = expanded(CONTROLS)
PARAMETERS_BY_NAME = expanded(PARAMETERS)
OWN_OF: Table[Part, list[str]] = {
    part: [name for name, control in BY_NAME.items() if control.scope == "performer" and part in control.parts]
    for part in ("bodies", *OWN_ROWS)
}
"""Knobs that a performer, the pianist or the pictures can have of their own."""

OF_A_PERFORMER = OWN_OF["bodies"]
OF_A_CUE = [name for name, control in PARAMETERS_BY_NAME.items() if control.scope != "each" and name != "seed"]
for part, row in OWN_ROWS.items():
    OF_A_CUE += [f"{OWNERS[row]}/{name}" for name in OWN_OF[part]]


def default(model: str | None = None) -> Show:
    """The show that is played without a file: one performer, to the receiver on this machine.

    Args:
        model: a file or a bundled name; None takes the bundled dance.

    Raises:
        ConfigError: there is no such model.
    """
    path = find_model(model or Act().model, Path(), "model")
    return Show(acts=(Act(name=_called(path), model=str(path)),))


def _called(model: Path) -> str:
    """The name of an act that was given none: its model's, as far as a name may be so."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", model.stem)[:LONGEST_NAME].strip("-") or Act().name


NOTHING: Kinds = MappingProxyType({})


def load(path: Path, kinds: Kinds, screens: Kinds = NOTHING) -> Show:
    """Read a show.

    Args:
        path: of the file; models are looked for from its folder.
        kinds: the protocols that there are, with their options.
        screens: the kinds of screens, likewise.

    Raises:
        ConfigError: the first mistake in it.
    """
    reader = _Reader(path, kinds, screens)
    show = reader.show()
    if reader.mistakes:
        raise reader.mistakes[0]
    return show


def check(path: Path, kinds: Kinds, screens: Kinds = NOTHING) -> list[ConfigError]:
    """Every mistake in a show; arguments as for `load`."""
    reader = _Reader(path, kinds, screens)
    reader.show()
    return reader.mistakes


def control(key: str, given: object, place: str) -> float:
    """What a control is set to.

    Raises:
        ConfigError: it is no number, or out of range.
    """
    limits = PARAMETERS_BY_NAME[own(key)[1]]
    whole = limits.kind != "float"
    try:
        number = msgspec.convert(given, int) if whole else msgspec.convert(given, float)
        limits.check(number)
    except (msgspec.ValidationError, ConfigError) as error:
        wanted = f"a {'whole ' if whole else ''}number from {limits.low:g} to {limits.high:g}"
        raise ConfigError(place, shown(given), wanted) from error
    return number


def find_source(text: str, folder: Path, place: str) -> str:
    """What pictures or gloves come from, seen from anywhere: bundled gloves by their name, or what is there.

    Raises:
        ConfigError: nothing is.
    """
    bundled = None if (folder / text).exists() else find_gloves(text)
    return located(text, folder, place) if bundled is None else str(bundled)


class _Reader(Tables):
    """Reads a file as a show and collects what is wrong with it."""

    def __init__(self, path: Path, kinds: Kinds, screens: Kinds) -> None:
        super().__init__(path.parent)
        self._path = path
        self._kinds, self._screens = kinds, screens

    def show(self) -> Show:
        """The show, with defaults in the place of what is wrong."""
        document = self._parse()
        for key in document:
            if key not in TABLES:
                self.mistakes.append(unknown(key, key, TABLES))
        settings = Settings(**self.scalars(Settings, "show", self.table("show", document.get("show", {}))))
        acts = tuple(self._named([(place, self._act(place, table)) for place, table in self._acts(document)]))
        return Show(
            settings=settings,
            acts=acts or Show().acts,
            outputs=self._written("outputs", document, self._kinds, Output) or Show().outputs,
            screens=self._written("screens", document, self._screens, Screen) or Show().screens,
            cues=self._cues(document.get("cues", [])),
            mqtt=self._mqtt(document.get("mqtt")),
            midi=tuple(self._midi(document.get("midi", []))),
            takes=self._takes(self.table("takes", document.get("takes", {}))),
        )

    def _parse(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self._path.read_text(encoding="utf-8"))
        except OSError as error:
            self.mistake(str(self._path), error.strerror or str(error), "a readable show (TOML)")
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            self.mistake(str(self._path), str(error), "a show (TOML)")
        return {}

    def _acts(self, document: Table[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        several = self.tables("acts", document.get("acts", []))
        if "act" in document and "acts" in document:
            self.mistake("acts", "both [act] and [[acts]]", "one of them")
        elif len(several) > MOST_ACTS:
            self.mistake("acts", f"{len(several)} acts", "at most one of bodies, of keys, of pictures and of signs")
        if "act" in document or not several:
            yield "act", self.table("act", document.get("act", {}))
        for number, table in enumerate(several):
            yield f"acts[{number}]", table

    def _named(self, acts: Iterable[tuple[str, Act]]) -> Iterator[Act]:
        """The acts; no two have one name, and none has one like a performer's, as paths are told by it."""
        names: set[str] = set()
        for place, act in acts:
            if act.name in names:
                self.mistake(f"{place}.name", f"{act.name!r} for the second time", "each name once")
            elif PERFORMER.fullmatch(act.name):
                self.mistake(f"{place}.name", repr(act.name), "another name than a performer's")
            names.add(act.name)
            yield act

    def _act(self, place: str, table: dict[str, Any]) -> Act:
        values = self.scalars(Act, place, {key: table[key] for key in table if key not in (*NESTED, "glove")})
        values["glove"] = self._glove(f"{place}.glove", table.get("glove", {}))
        values["controls"] = make_controls(self._controls(f"{place}.controls", table.get("controls", {})))
        values["performer"] = self._performers(f"{place}.performer", table.get("performer", []))
        values["model"] = self._file(values.get("model", Act().model), f"{place}.model", find_model)
        if values.get("score") is not None:
            values["score"] = self._file(values["score"], f"{place}.score", find_score)
        if values.get("source") is not None:
            values["source"] = self._file(values["source"], f"{place}.source", find_source)
        return Act(**{"name": _called(Path(values["model"])), **values})

    def _file(self, name: str, place: str, find: Callable[[str, Path, str], Path | str]) -> str:
        """The file of a model or a score, or a source; its name where there is none."""
        try:
            return str(find(name, self.folder, place))
        except ConfigError as error:
            self.mistakes.append(error)
            return name

    def _glove(self, place: str, given: object) -> Glove:
        return Glove(**self.scalars(Glove, place, self.table(place, given)))

    def _controls(self, place: str, given: object, known: Collection[str] = tuple(BY_NAME)) -> dict[str, Any]:
        """The good values of a table of controls."""
        values: dict[str, Any] = {}
        for key, number in self.table(place, given).items():
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
        for number, table in enumerate(self.tables(place, given)):
            made = self._performer(f"{place}[{number}]", table)
            if made and made.number in [other.number for other in found]:
                self.mistake(f"{place}[{number}].number", f"{made.number} for the second time", "each performer once")
            found += [made] if made else []
        return tuple(found)

    def _performer(self, place: str, table: dict[str, Any]) -> Performer | None:
        before = len(self.mistakes)
        values = self.scalars(Performer, place, {key: table[key] for key in table if key != "controls"})
        values["controls"] = self._controls(f"{place}.controls", table.get("controls", {}), OF_A_PERFORMER)
        return None if len(self.mistakes) > before else Performer(**values)

    def _cues(self, given: object) -> tuple[Cue, ...]:
        found: list[Cue] = []
        for number, table in enumerate(self.tables("cues", given)):
            cue = self._cue(f"cues[{number}]", table)
            if cue and cue.name in [other.name for other in found]:
                self.mistake(f"cues[{number}].name", f"{cue.name!r} for the second time", "each name once")
            if cue and cue.sign is not None and cue.sign in [other.sign for other in found]:
                self.mistake(f"cues[{number}].sign", f"{cue.sign!r} for the second time", "one cue for a sign")
            found += [cue] if cue else []
        return tuple(found)

    def _cue(self, place: str, table: dict[str, Any]) -> Cue | None:
        before = len(self.mistakes)
        values = self.scalars(Cue, place, {key: table[key] for key in table if key not in NESTED})
        values["controls"] = self._controls(f"{place}.controls", table.get("controls", {}), OF_A_CUE)
        values["performer"] = self._performers(f"{place}.performer", table.get("performer", []))
        if values.get("model") is not None:
            values["model"] = self._file(values["model"], f"{place}.model", find_model)
        return None if len(self.mistakes) > before else Cue(**values)

    def _mqtt(self, given: object) -> Mqtt | None:
        if given is None:
            return None
        before = len(self.mistakes)
        values = self.scalars(Mqtt, "mqtt", self.table("mqtt", given))
        return None if len(self.mistakes) > before else Mqtt(**values)

    def _midi(self, given: object) -> Iterator[Midi]:
        for number, table in enumerate(self.tables("midi", given)):
            place, before = f"midi[{number}]", len(self.mistakes)
            values = self.scalars(Midi, place, {key: table[key] for key in table if key != "map"})
            rows = enumerate(self.tables(f"{place}.map", table.get("map", [])))
            maps = [self.scalars(Mapping, f"{place}.map[{row}]", mapping) for row, mapping in rows]
            if len(self.mistakes) == before:
                yield Midi(**values, map=tuple(Mapping(**mapping) for mapping in maps))

    def _takes(self, table: dict[str, Any]) -> Takes:
        """Where it is recorded; a folder that is named is seen from the file's own, the usual one from where we are."""
        values = self.scalars(Takes, "takes", table)
        if "folder" in values:
            values["folder"] = str(self.folder / Path(values["folder"]).expanduser())
        return Takes(**values)

    def _written(
        self, tables: str, document: Table[str, Any], kinds: Kinds, makes: type[Written]
    ) -> tuple[Written, ...]:
        """The receivers or the screens, each once."""
        found: list[Written] = []
        for number, table in enumerate(self.tables(tables, document.get(tables, []))):
            context = Context(f"{tables}[{number}]", self.folder, kinds, makes)
            made, mistakes = from_table(table, context)
            self.mistakes += mistakes
            if made in found:
                self.mistake(context.place, f"{made} for the second time", "each once")
            found += [made] if made else []
        return tuple(found)
