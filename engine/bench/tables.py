"""What was measured, for people."""

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from engine.bench import gpu
from engine.bench.candidates import FLOORS
from engine.bench.clock import Lateness
from engine.bench.crowd import PACES, most
from engine.bench.results import Crowd, Footprint, Part, Pictured, Recorded, Report, Signed, Start, Step
from engine.bench.step import HOT

FAST = 1.0
"""Ratio to the floor below which a step reads less than the whole model."""


def tables(report: Report) -> Iterator[RenderableType]:
    """A table for each section that there is, with what it needs to be understood."""
    yield Text(", ".join(f"{name} {value}" for name, value in report.machine.items()), style="dim")
    yield from _steps(report.step or ())
    yield from _crowds(report.crowd or ())
    if report.parts:
        yield parts(report.parts)
    if report.clock:
        yield clock(report.clock)
    if report.start:
        yield start(report.start)
    if report.footprint:
        yield footprint(report.footprint)
    if report.recording:
        yield recording(report.recording)
    if report.pictures:
        yield pictures(report.pictures)
    if report.signs:
        yield signs(report.signs)


def _steps(rows: Sequence[Step]) -> Iterator[RenderableType]:
    for model in dict.fromkeys(row.model for row in rows):
        own = [row for row in rows if row.model == model]
        for some in ([row for row in own if row.pace == HOT], [row for row in own if row.pace != HOT]):
            if some:
                yield step(some)
    if rows:
        yield Text(explained(rows), style="dim")


def _crowds(rows: Sequence[Crowd]) -> Iterator[RenderableType]:
    if rows:
        yield crowd(rows)
    for pace in PACES:
        if any(row.pace == pace for row in rows):
            yield Text(f"without a late frame at {pace} fps: {most(rows, pace)} on one core", style="bold")


def step(rows: Sequence[Step]) -> Table:
    """A model: a row for each candidate, a column for each pace and batch."""
    shown = _table(f"{rows[0].model}: microseconds per step and times the floor, below them p99", "")
    ways = list(dict.fromkeys((row.pace, row.batch) for row in rows))
    for pace, batch in ways:
        shown.add_column(f"{_paced(pace)}\nbatch {batch}", justify="right", no_wrap=True)
    for candidate in dict.fromkeys(row.candidate for row in rows):
        found = {(row.pace, row.batch): row for row in rows if row.candidate == candidate}
        cells = [_cell(found[way]) if way in found else Text("") for way in ways]
        shown.add_row(Text(candidate, style=_style(candidate)), *cells)
    return shown


def _cell(row: Step) -> Text:
    cell = Text(f"{number(row.median_us)} ")
    cell.append(f"{number(row.ratio_to_floor)}x", style="bold green" if row.ratio_to_floor < FAST else "bold")
    cell.append(f"\n{number(row.p99_us)}", style="dim")
    return cell


def _style(candidate: str) -> str:
    if candidate in (*FLOORS, *gpu.FLOORS):
        return "dim"
    return "bold" if candidate.startswith("engine-") else ""


def _paced(pace: str) -> str:
    return pace if pace == HOT else f"{pace} fps"


def explained(rows: Sequence[Step]) -> str:
    """What the numbers mean, and how far to trust them."""
    worst = max(row.noise for row in rows)
    noisy = f"hot: without a pause. Noise (middle half of the turns' medians): up to {100 * worst:.0f} %."
    if any(row.candidate in gpu.FLOORS for row in rows):
        return f"Noise, step and sample. The floor is the copy there, the copy back and one launch together. {noisy}"
    return (
        "One thread. engine-*: step and sample; the others: the step alone. The floor is what reading all weights in "
        "float32 once takes, or multiplying with all of them once, whichever takes longer, measured in the same turns. "
        f"{noisy}"
    )


def parts(rows: Sequence[Part]) -> Table:
    """The parts of a frame: a row for each, columns for the numbers of performers."""
    shown = _table("parts of a frame alone, microseconds", "")
    sizes = sorted({row.performers for row in rows})
    for size in sizes:
        for name in (f"{size}: p50", "p99", "each"):
            shown.add_column(name, justify="right")
    for part in dict.fromkeys(row.part for row in rows):
        found = {row.performers: row for row in rows if row.part == part}
        cells: list[str] = []
        for size in sizes:
            row = found.get(size)
            cells += (
                ["", "", ""] if row is None else [number(each) for each in (row.median_us, row.p99_us, row.each_us)]
            )
        shown.add_row(part, *cells)
    return shown


def crowd(rows: Sequence[Crowd]) -> Table:
    """The tick by the number of performers: the curve, and where the searches ended."""
    shown = _table("dancers on one core: milliseconds of a whole tick", "dancers")
    paces = [pace for pace in (HOT, *PACES) if any(row.pace == pace for row in rows)]
    for pace in paces:
        for name in ("p50", "p99", "late") if pace != HOT else ("p50", "p99"):
            shown.add_column(f"{_paced(pace)}\n{name}", justify="right", no_wrap=True)
    curve = {row.performers for row in rows if row.pace == HOT}
    for size in sorted(curve | {most(rows, pace) for pace in paces if pace != HOT} - {0}):
        cells: list[str] = []
        for pace in paces:
            tries = [row for row in rows if (row.performers, row.pace) == (size, pace)]
            empty = ["", ""] if pace == HOT else ["", "", ""]
            cells += _crowd(tries[-1]) if tries else empty
        shown.add_row(str(size), *cells)
    return shown


def _crowd(row: Crowd) -> list[str]:
    times = [f"{row.median_us / 1000:.2f}", f"{row.p99_us / 1000:.2f}"]
    return times if row.pace == HOT else [*times, str(row.late)]


def clock(rows: Sequence[Lateness]) -> Table:
    """How late frames begin."""
    shown = _table(f"lateness of clocks in {rows[0].seconds:g} s, microseconds", "clock", "rights", "fps", "load")
    for name in ("p50", "p99", "worst", "late", "skipped"):
        shown.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        times = (number(each) for each in (row.p50_us, row.p99_us, row.worst_us))
        shown.add_row(row.clock, row.rights, f"{row.fps:g}", row.load, *times, str(row.late), str(row.skipped))
    return shown


def start(row: Start) -> Table:
    """A cold start."""
    shown = _table(f"a start, seconds, median of {row.runs}", "", "seconds")
    shown.add_row("engine serve to the first datagram", f"{row.first_datagram_s:.2f}")
    shown.add_row("import engine", f"{row.import_s:.2f}")
    return shown


def footprint(row: Footprint) -> Table:
    """A show as a process."""
    shown = _table(f"engine serve --fps {row.fps:g}, {row.seconds:g} s", "", "")
    share = None if row.cpu_share is None else 100 * row.cpu_share
    shown.add_row("frames per second", f"{row.fps_sent:g}")
    shown.add_row("share of one core", _known(share, "%"))
    shown.add_row("resident memory", _known(row.rss_mb, "MB"))
    shown.add_row("its growth", _known(row.growth_mb, "MB"))
    return shown


def recording(rows: Sequence[Recorded]) -> Table:
    """What a recording costs: the frame thread's microseconds, lateness without and with it, megabytes."""
    shown = _table(f"a show that is recorded, {rows[0].fps:g} fps, per frame and in lateness", "dancers")
    for name in ("us\nhot", "us\np50", "us\np99", "p99 ms\nwithout", "p99 ms\nwith", "late\nwithout", "late\nwith"):
        shown.add_column(name, justify="right", no_wrap=True)
    shown.add_column("MB a\nminute", justify="right", no_wrap=True)
    for row in rows:
        times = (number(each) for each in (row.hot_us, row.paced_us, row.paced_p99_us))
        lateness = (number(each) for each in (row.without_p99_ms, row.with_p99_ms))
        counts = (str(row.late_without), str(row.late_with), number(row.mb_per_minute))
        shown.add_row(str(row.performers), *times, *lateness, *counts)
    return shown


def pictures(rows: Sequence[Pictured]) -> Table:
    """Frames of acts of pictures: milliseconds, without a pause and at the pace of a show."""
    paces = list(dict.fromkeys(row.pace for row in rows))
    shown = _table("pictures on one core, with a stream and shared memory: milliseconds", "model", "size", "given")
    for pace in paces:
        for name in ("p50", "p99"):
            shown.add_column(f"{_paced(pace)}\n{name}", justify="right", no_wrap=True)
    for model, size, given in dict.fromkeys((row.model, row.size, row.given) for row in rows):
        own = {row.pace: row for row in rows if (row.model, row.given) == (model, given)}
        cells = [number(each / 1000) for pace in paces for each in (own[pace].median_us, own[pace].p99_us)]
        shown.add_row(model, size, given, *cells)
    return shown


def signs(rows: Sequence[Signed]) -> Table:
    """Samples of acts that read signs: microseconds, without a pause and at the pace of gloves."""
    shown = _table("signs on one core, step and path of a sample: microseconds", "model", "path", "pace")
    for name in ("p50", "p99"):
        shown.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        path = f"{row.path}-D" if row.path else "none"
        pace = row.pace if row.pace == HOT else f"{row.pace} Hz"
        shown.add_row(row.model, path, pace, number(row.median_us), number(row.p99_us))
    return shown


def _known(value: float | None, unit: str) -> str:
    return "this system does not tell" if value is None else f"{value:.1f} {unit}"


def _table(title: str, *columns: str) -> Table:
    shown = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    shown.pad_edge, shown.padding = False, (0, 1, 0, 0)  # the widest fits 80 signs
    for column in columns:
        shown.add_column(column, no_wrap=True)
    return shown


def number(value: float) -> str:
    """Three digits or so: all that is known of a time."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
