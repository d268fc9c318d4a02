"""What was measured, as it is kept."""

import msgspec

from engine.bench.clock import Lateness


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One candidate with one model, batch and pace.

    Attributes:
        candidate: `engine-...`, a rival, or a floor.
        model: R1, R2, R3 or the name of a file.
        batch: performers that are stepped together.
        pace: `hot`, or frames per second.
        median_us: microseconds of a step; with sampling for candidates of the engine.
        p99_us: likewise, 99th percentile.
        ratio_to_floor: the median over that of the higher floor of this model and batch, of the same turns.
        bytes: of weights that a step reads; for the floors those of the whole model in float32.
        noise: range of the middle half of the turns' medians, over the median.
        steps: that were counted.
    """

    candidate: str
    model: str
    batch: int
    pace: str
    median_us: float
    p99_us: float
    ratio_to_floor: float
    bytes: int
    noise: float
    steps: int


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a frame alone, called again and again; microseconds for all performers, and for each."""

    part: str
    performers: int
    median_us: float
    p99_us: float
    each_us: float


class Crowd(msgspec.Struct, frozen=True, kw_only=True):
    """A whole tick of so many performers, from the controls to the last datagram.

    Attributes:
        performers: of the bundled dance, in one batch.
        pace: `hot`, or frames per second.
        median_us: microseconds of a tick.
        p99_us: likewise.
        frames: ticks.
        late: of them, those that were not done when the next one was due.
    """

    performers: int
    pace: str
    median_us: float
    p99_us: float
    frames: int
    late: int


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds, medians: from the command to its first datagram, and of an `import engine`; how often each."""

    first_datagram_s: float
    import_s: float
    runs: int


class Footprint(msgspec.Struct, frozen=True, kw_only=True):
    """What `engine serve` takes, as a process of its own; None where the system does not tell.

    Attributes:
        fps: that it was asked for.
        fps_sent: frames that came in, per second.
        seconds: that it was watched.
        cpu_share: of one core.
        rss_mb: megabytes that are resident at the end.
        growth_mb: since the beginning of the watch.
    """

    fps: float
    fps_sent: float
    seconds: float
    cpu_share: float | None = None
    rss_mb: float | None = None
    growth_mb: float | None = None


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What a show costs more when it is recorded.

    Attributes:
        performers: of the bundled dance.
        fps: frames per second.
        hot_us: microseconds of the frame thread for each frame, called again and again; median.
        paced_us: likewise at `fps`.
        paced_p99_us: 99th percentile.
        without_p99_ms: milliseconds, 99th percentile of the lateness of a show; the better one of those played.
        with_p99_ms: likewise of a show that is recorded.
        late_without: frames that were late or skipped, of all shows.
        late_with: likewise.
        frames: in the files.
        dropped: frames that are in none.
        mb_per_minute: megabytes of a minute of such a show.
    """

    performers: int
    fps: float
    hot_us: float
    paced_us: float
    paced_p99_us: float
    without_p99_ms: float
    with_p99_ms: float
    late_without: int
    late_with: int
    frames: int
    dropped: int
    mb_per_minute: float


class Pictured(msgspec.Struct, frozen=True, kw_only=True):
    """A frame of an act of pictures, from the knobs to the screens, a stream that is read and shared memory.

    Attributes:
        model: name of its file.
        size: columns x rows.
        given: `nothing`, or the `bodies` of a show.
        pace: `hot`, or frames per second.
        median_us: microseconds.
        p99_us: likewise, 99th percentile.
        frames: that were counted.
    """

    model: str
    size: str
    given: str
    pace: str
    median_us: float
    p99_us: float
    frames: int


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A sample of an act that reads signs: whether hands move, the step, and where the memory is on its map.

    Attributes:
        model: name of its file.
        path: dimensions of the map; 0: there is none.
        pace: `hot`, or samples per second.
        median_us: microseconds.
        p99_us: likewise, 99th percentile.
        samples: that were counted.
    """

    model: str
    path: int
    pace: str
    median_us: float
    p99_us: float
    samples: int


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything; a section that was not asked for is left out."""

    machine: dict[str, str]
    step: tuple[Step, ...] | None = None
    parts: tuple[Part, ...] | None = None
    clock: tuple[Lateness, ...] | None = None
    crowd: tuple[Crowd, ...] | None = None
    start: Start | None = None
    footprint: Footprint | None = None
    recording: tuple[Recorded, ...] | None = None
    pictures: tuple[Pictured, ...] | None = None
    signs: tuple[Signed, ...] | None = None
