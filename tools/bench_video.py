"""How fast a video is made: pictures drawn, pictures encoded, and both beside each other as a user has it.

The bundled model dances; what is drawn twice takes the faster of the two, as other programs only ever slow it down.

    python tools/bench_video.py --seconds 10 --performers 1,4 --json video.json

Exits with 1 unless one dancer's video is made at 30 pictures a second or more.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from engine.bench.machine import machine
from export.drawing.scene import Scene, Wanted
from export.drawing.strokes import Picture
from export.formats import video
from export.formats.options import Options
from export.recording import Recording
from export.render import Rendering, open_dance, render

TARGET = 30.0
"""Pictures a second."""

TURNS = 2

HELD = 45
"""Pictures of 1080p that are drawn before they are encoded: 280 MB."""


class Speeds(NamedTuple):
    """Pictures a second: drawn alone, encoded alone, and of a whole video that is made from both."""

    drawing: float
    encoding: float
    video: float


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and say whether it is fast enough."""
    asked = _parser().parse_args(arguments)
    dance = open_dance("dance")
    found = {}
    for count in asked.performers:
        (recording,) = render(dance, Rendering(seconds=asked.seconds, performers=count), [7])
        found[count] = measured(recording, asked.size)
    Console().print(_table(found, asked.size))
    if asked.json:
        rows = {str(count): speeds._asdict() for count, speeds in found.items()}
        asked.json.write_text(
            json.dumps({"machine": machine(), "size": asked.size, "performers": rows}, indent=2) + "\n"
        )
    return 0 if found[min(found)].video >= TARGET else 1


def measured(recording: Recording, size: tuple[int, int]) -> Speeds:
    """Draw a recording, encode its first pictures, and make a video of all of it."""
    scene = Scene(recording, Wanted(size, recording.name))
    frames = range(recording.frames)
    pictures = [scene.draw(frame) for frame in frames[:HELD]]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dance.mp4"
        drawing = _fastest(lambda: [scene.draw(frame).shape for frame in frames])
        encoding = _fastest(lambda: _encode(pictures, path, size, recording.fps))
        whole = _fastest(lambda: video.write(recording, path, Options(size=size)))
    return Speeds(len(frames) / drawing, len(pictures) / encoding, len(frames) / whole)


def _encode(pictures: Sequence[Picture], path: Path, size: tuple[int, int], fps: float) -> None:
    with video.film(path, size, fps, {}) as encode:
        for picture in pictures:
            encode(picture)


def _fastest(work: Callable[[], object]) -> float:
    """Seconds of the fastest of some turns."""
    taken = []
    for _ in range(TURNS):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return min(taken)


def _table(found: dict[int, Speeds], size: tuple[int, int]) -> Table:
    about = machine()
    table = Table(title=f"pictures a second at {size[0]} x {size[1]}, {about['processor']}, {about['cores']} cores")
    for name in ("performers", *Speeds._fields):
        table.add_column(name, justify="right")
    for count, speeds in found.items():
        table.add_row(str(count), *(f"{speed:.0f}" for speed in speeds))
    return table


def _size(text: str) -> tuple[int, int]:
    width, height = text.split("x")
    return int(width), int(height)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="of dance that are drawn")
    parser.add_argument("--performers", type=lambda text: [int(one) for one in text.split(",")], default=[1, 4])
    parser.add_argument("--size", type=_size, default=(1920, 1080), help="width x height, both even")
    parser.add_argument("--json", type=Path, help="file for the figures")
    return parser


if __name__ == "__main__":
    sys.exit(main())
