"""Takes in words and tables, and as JSON."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from engine.schema.errors import DataError
from engine.schema.text import printable
from engine.takes.facts import Facts
from engine.takes.glance import Glance
from engine.takes.values import TOPICS, Header

Json = dict[str, object]

SHOWN = 10
"""Gaps, signals, signs and controls that a table names."""


def start(header: Header) -> datetime:
    """Local time of the first frame."""
    moment = header.started / 1e9 + header.first / header.fps
    return datetime.fromtimestamp(moment, UTC).astimezone()


def length(seconds: float) -> str:
    """Minutes and seconds: `12:03.4`."""
    tenths = round(seconds * 10)
    hours, minutes = divmod(tenths // 600, 60)
    rest = f"{minutes:02d}:{tenths % 600 / 10:04.1f}" if hours else f"{minutes}:{tenths % 600 / 10:04.1f}"
    return f"{hours}:{rest}" if hours else rest


def listed(glances: Sequence[Glance]) -> Table:
    """One line for each take."""
    table = Table("take", "start", box=None, pad_edge=False)
    for name in ("length", "frames", "performers", "size"):
        table.add_column(name, justify="right")
    table.add_column("whole")
    for one in glances:
        table.add_row(
            Text(printable(one.path.name)),
            f"{start(one.header):%Y-%m-%d %H:%M:%S}",
            length(one.seconds),
            str(one.frames),
            str(one.performers),
            decimal(one.size),
            "yes" if one.whole else Text("no", style="yellow"),
        )
    return table


def line(one: Glance) -> Json:
    """The same as JSON."""
    return {
        "file": str(one.path),
        "name": one.header.name,
        "start": start(one.header).isoformat(),
        "seconds": one.seconds,
        "frames": one.frames,
        "performers": one.performers,
        "bytes": one.size,
        "whole": one.whole,
    }


def stranger(path: Path, error: DataError) -> Json:
    """A file among takes that is none, as JSON."""
    return {"file": str(path), "error": error.found}


def informed(facts: Facts) -> Table:
    """Everything about one take."""
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, text in _rows(facts):
        table.add_row(name, Text(printable(text)))
    return table


def _rows(facts: Facts) -> Iterator[tuple[str, str]]:
    header = facts.header
    yield "take", facts.path.name
    yield "act", header.name
    yield "start", f"{start(header):%Y-%m-%d %H:%M:%S}"
    yield "length", length(facts.seconds)
    yield "size", decimal(facts.size)
    yield "whole", "yes" if not facts.damage else f"no: {facts.damage}"
    if facts.sequences is not None:
        first, last = facts.sequences
        yield "frames", f"{facts.frames} of {header.fps:g} a second, number {first} to {last}"
    missing = sum(gap.missing for gap in facts.gaps)
    yield "missing", f"{missing} frames in {len(facts.gaps)} places: {_gaps(facts)}" if missing else "no frame"
    yield "performers", ", ".join(f"p{number}" for number in facts.performers) or "none"
    if facts.pictures:
        yield "pictures", _pictures(facts)
    if facts.signals:
        yield "signals", _few([f"{name} of {count} numbers" for name, count in facts.signals.items()])
    if facts.signs:
        counted = [word if count == 1 else f"{word} {count} times" for word, count in facts.signs.items()]
        yield "signs", f"{sum(facts.signs.values())}: {_few(counted)}"
    for topic in TOPICS.values():
        yield topic, f"{facts.counts.get(topic, 0)} records"
    most = sorted(facts.controls.items(), key=lambda item: -item[1])
    if most:
        yield "controls", _few([f"{address} {count} times" for address, count in most])
    for played in header.models:
        spec = played.spec
        yield "model", f"{spec.name} ({played.model}), {played.sha256[:12]}"
        yield "  licence", spec.licence
        yield "  credit", spec.credit
    yield "seed", str(header.seed)
    yield "part", f"number {header.number} of its recording"
    yield "plays again", _again(facts)
    yield "made by", f"figurant {header.engine}, build {header.build[:12]}, on {header.machine}"


def _pictures(facts: Facts) -> str:
    size, latent = facts.header.size, f", each with {facts.latent} latent numbers" if facts.latent else ""
    return f"{facts.pictures}" + ("" if size is None else f" of {size.width} x {size.height} pixels") + latent


def _gaps(facts: Facts) -> str:
    return _few([f"{gap.missing} after {gap.after}" for gap in facts.gaps])


def _few(words: Sequence[str]) -> str:
    """The first of many."""
    return ", ".join(words[:SHOWN]) + (", ..." if len(words) > SHOWN else "")


def _again(facts: Facts) -> str:
    return f"no: {facts.again}" if facts.again else "yes, by that build on that machine"


def info(facts: Facts) -> Json:
    """The same as JSON."""
    header = facts.header
    return {
        "file": str(facts.path),
        "name": header.name,
        "start": start(header).isoformat(),
        "seconds": facts.seconds,
        "bytes": facts.size,
        "whole": not facts.damage,
        "damage": facts.damage,
        "fps": header.fps,
        "sequences": facts.sequences,
        "performers": facts.performers,
        "pictures": facts.pictures,
        "latent": facts.latent,
        "signals": dict(facts.signals),
        "signs": dict(facts.signs),
        "counts": dict(facts.counts),
        "gaps": [gap._asdict() for gap in facts.gaps],
        "controls": dict(facts.controls),
        "models": [
            {
                "part": played.part,
                "model": played.model,
                "name": played.spec.name,
                "sha256": played.sha256,
                "licence": played.spec.licence,
                "credit": played.spec.credit,
            }
            for played in header.models
        ],
        "seed": header.seed,
        "part": header.number,
        "plays_again": not facts.again,
        "engine": header.engine,
        "build": header.build,
        "machine": header.machine,
    }


def verified(facts: Facts) -> str:
    """One line of what was found."""
    if facts.damage:
        return f"damaged: {facts.path}: {facts.damage}; {facts.frames} frames before that are good"
    return f"ok: {facts.path}: {facts.frames} frames, {length(facts.seconds)}"
