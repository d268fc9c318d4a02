"""A show with what a command line says otherwise; None, and what is empty, says nothing.

Raises everywhere: `ConfigError` with the option as its place.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from engine import bill, bundled, config, plugins
from engine.receivers import Context, from_url
from engine.schema.controls import Part, knobs, make_controls
from engine.schema.show import Act, Midi, Output, Screen, Settings, Show, Takes
from engine.values import verify


def override(show: Show, options: Mapping[str, object], controls: Mapping[str, float | None]) -> Show:
    """The show with other settings, and its acts with other controls.

    The first act has what only one of them can have; the temperature, the device and the path are for all.
    """
    settings, first = _given(Settings, options), _given(Act, options)
    turned = {name: config.control(name, to, f"--{name}") for name, to in controls.items() if to is not None}
    shared = {name: value for name, value in turned.items() if name == "temperature"}
    others = {name: value for name, value in first.items() if name in {"device", "path"}}
    acts = (
        _turned(show.acts[0], first, turned),
        *(_turned(act, others, shared) for act in show.acts[1:]),
    )
    return msgspec.structs.replace(show, settings=msgspec.structs.replace(show.settings, **settings), acts=acts)


def _turned(act: Act, values: Mapping[str, Any], controls: dict[str, float]) -> Act:
    return msgspec.structs.replace(act, controls=make_controls(knobs(act.controls) | controls), **values)


def scored(show: Show, score: str | None, midi: Sequence[str], *, loop: bool) -> Show:
    """The show with what its pianist is to play from, and further keys that are heard.

    Without a pianist it is recorded gloves that loop.
    """
    show = msgspec.structs.replace(show, midi=(*show.midi, *(Midi(port=port, keys=True) for port in midi)))
    if score is None and not loop:
        return show
    row = _row(("keys",) if score is not None else ("keys", "signs"), show)
    act = show.acts[row]
    path = act.score if score is None else str(bundled.find_score(score, Path(), "--score"))
    return _with(show, row, score=path, loop=loop or act.loop)


def seeing(show: Show, given: str | None) -> Show:
    """The show with what its act of pictures sees, or, without one, what its act of signs reads."""
    if given is None:
        return show
    verify(Act, "source", given, "--source")
    return _with(show, _row(("images", "signs"), show), source=config.find_source(given, Path(), "--source"))


def _row(parts: Sequence[Part], show: Show) -> int:
    """Which act plays the first of these parts; the last one where none does, whose bill says what is wrong."""
    rows = {bill.part_of(act.model): row for row, act in enumerate(show.acts)}
    return next((rows[part] for part in parts if part in rows), len(show.acts) - 1)


def _with(show: Show, row: int, **values: object) -> Show:
    """The show with one of its acts changed."""
    acts = list(show.acts)
    acts[row] = msgspec.structs.replace(acts[row], **values)
    return msgspec.structs.replace(show, acts=tuple(acts))


def recorded(show: Show, folder: str | None, *, record: bool) -> Show:
    """The show with where and whether it is recorded."""
    if folder is not None:
        verify(Takes, "folder", folder, "--takes")
    given = msgspec.structs.replace(
        show.takes, folder=show.takes.folder if folder is None else folder, record=record or show.takes.record
    )
    return msgspec.structs.replace(show, takes=given)


def _given(struct: type[msgspec.Struct], options: Mapping[str, object]) -> dict[str, Any]:
    """The options that belong to a table and are given."""
    given = {name: options[name] for name in struct.__struct_fields__ if options.get(name) is not None}
    for name, value in given.items():
        verify(struct, name, value, f"--{name}")
    return given


def receivers(urls: Sequence[str]) -> tuple[Output, ...]:
    """The receivers of a command line."""
    context = Context("--out", Path(), plugins.options(), Output)
    return tuple(dict.fromkeys(from_url(url, context) for url in urls))


def screens(urls: Sequence[str]) -> tuple[Screen, ...]:
    """The screens of a command line."""
    context = Context("--screen", Path(), plugins.screen_options(), Screen)
    return tuple(dict.fromkeys(from_url(url, context) for url in urls))
