"""A model file in words and tables."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from rich.console import Group
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from engine.contracts import Loaded
from engine.inference.vet import load
from engine.schema.controls import Control
from engine.schema.model import ModelSpec
from engine.schema.text import printable


def describe(path: Path) -> Group:
    """What a model is, its licence and credit, its controls, its metrics and its sizes.

    Raises:
        ModelError: it cannot be read.
    """
    loaded = load(path)
    spec = loaded.spec
    parts = [_table("what", _identity(path, loaded)), _table("sizes", _sizes(loaded))]
    if spec.controls:
        parts.append(_controls(spec.controls))
    parts += [
        _table(title, flat(content))
        for title, content in (("metrics", spec.metrics), ("training", spec.training), ("settings", spec.settings))
        if content
    ]
    return Group(*parts)


def flat(content: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested tables as (dotted name, value) rows."""
    for name, item in content.items():
        if isinstance(item, Mapping) and item:
            yield from flat(item, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _shown(item)


def _identity(path: Path, loaded: Loaded) -> Iterator[tuple[str, str]]:
    spec = loaded.spec
    yield "name", spec.name
    yield "file", str(path)
    yield "family", spec.family
    yield "rate", f"{spec.fps:g} steps per second"
    if spec.skeleton is not None:
        yield "body", f"{len(spec.skeleton.names)} {'joints' if spec.skeleton.rigid else 'markers'}"
    if spec.image is not None:
        yield "pictures", f"{spec.image.width} x {spec.image.height}, grey"
        yield "poses", f"{len(loaded.arrays.get('poses', ()))} stored to go to"
        yield "source", "takes pictures" if spec.head.kind == "frame" or "encoder" in loaded.arrays else "takes none"
    if spec.labels:
        yield "signs", f"{len(spec.labels)}: {', '.join(spec.labels)}"
        yield "channels", ", ".join(f"{number} {name}" for number, name in enumerate(spec.channels))
    if spec.conditions:
        yield "conditions", ", ".join(f"{number} {name}" for number, name in enumerate(spec.conditions))
    yield "licence", spec.licence
    yield "credit", spec.credit
    yield "code", spec.code or "unknown"


def _sizes(loaded: Loaded) -> Iterator[tuple[str, str]]:
    spec = loaded.spec
    yield "file", decimal(len(loaded.graph))
    yield "input", f"{spec.features} numbers"
    yield "head", f"{spec.head.kind}, {_head(spec)}"
    yield "state", f"{_state(spec)} numbers per performer in {len(spec.state)} tensors"
    for name, array in loaded.arrays.items():
        yield name, f"{'x'.join(map(str, array.shape))} {array.dtype}, {decimal(array.nbytes)}"


def _head(spec: ModelSpec) -> str:
    if spec.head.kind == "frame":
        return "the next picture"
    if spec.head.kind == "classes":
        return f"one of {spec.head.components}"
    return f"{spec.head.components} components of {spec.head.dims} dimensions"


def _state(spec: ModelSpec) -> int:
    return sum(int(np.prod([size for size in tensor.shape if size != -1])) for tensor in spec.state)


def _table(title: str, rows: Iterator[tuple[str, str]]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, content in rows:
        table.add_row(Text(printable(name), style="bold"), Text(printable(content)))
    return table


def _controls(controls: tuple[Control, ...]) -> Table:
    table = Table("control", "default", "range", "what it does", title="controls", title_justify="left")
    for control in controls:
        scope = f"{control.low:g} to {control.high:g} {control.unit}".rstrip()
        name = control.name if control.count == 1 else f"{control.name}/0 to {control.name}/{control.count - 1}"
        row = (name, f"{control.default:g}", scope, control.description)
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table


def _shown(item: object) -> str:
    if isinstance(item, float):
        return f"{item:.4g}"
    if isinstance(item, list | tuple):
        return ", ".join(map(_shown, item))
    return str(item)
