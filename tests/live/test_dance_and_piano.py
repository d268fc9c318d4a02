"""Three dancers and a pianist in one show, and somebody who plays along: no frame is missed, no key hangs."""

import itertools
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from live.listening import Ears, Heard, bound
from live.paced import in_time, paced, soon, whole
from live.pianists import Event, hanging
from live.receiving import ENGINE, PATIENCE, free_port
from live.steered import Steered, playing, until
from live.test_flood import FLOOD, MEGABYTE, RATE, memory

from engine.bundled import find_score
from engine.midi import file as midi_file
from engine.schema.note import Note
from engine.wire import osc

pytestmark = pytest.mark.live

CONFIG = Path(__file__).parents[2] / "configs" / "dance_and_piano.toml"
RECEIVER = '[[outputs]]\nurl = "native://127.0.0.1:9100"\n'
FINGERS = Path(__file__).with_name("fingers.py")

DANCERS = (1, 2, 3)
FPS = 30
SCORE, PLAYER = 1, 9
"""Channels of the bundled score, and of who plays along."""

SOON = 0.030
"""Seconds within which 99 of 100 keys are struck, on a machine that is busy with other tests; figures are those of
tools/bench_notes.py."""

CHORD = (48, 60, 64, 67)

FLOODED = 10
"""Seconds of a flood."""


class Down(NamedTuple):
    """A key that went down: when, seconds of the system's clock, how hard, and for how long; None: it never came up."""

    at: float
    number: int
    velocity: int
    length: float | None


class Night(NamedTuple):
    """What was heard of a show.

    Attributes:
        frames: numbers of the frames of each dancer, in order.
        times: when each frame of the first dancer came, seconds of the system's clock.
        keys: those that went down, by their channel.
        late: frames that were more than 1 ms late, as the engine itself counts them.
    """

    frames: dict[int, list[int]]
    times: list[float]
    keys: dict[int, list[Down]]
    late: int

    def check_frames(self) -> None:
        """Every dancer has every frame, once and in order."""
        first = self.frames[1]
        whole(first)
        for number in DANCERS[1:]:
            assert self.frames[number] == first
        in_time(self.late, len(first))


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Shows a line to whoever runs the test."""

    def shown(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{line}")

    return shown


@contextmanager
def on_stage(folder: Path) -> Iterator[Steered]:
    """The show that comes along, with a receiver at a free port."""
    text = CONFIG.read_text()
    assert RECEIVER in text
    with playing(folder, text.replace(RECEIVER, "")) as show:
        yield show


def heard(messages: Iterable[Heard]) -> Night:
    """What came to a receiver."""
    frames, times, keys = defaultdict[int, list[int]](list), list[float](), defaultdict[int, list[Down]](list)
    down: dict[tuple[int, int], int] = {}  # channel and number: place in `keys`
    late = 0
    for at, address, values in messages:
        if address.endswith("/frame"):
            performer, (number, _) = int(address.split("/")[2][1:]), map(_int, values)
            frames[performer].append(number)
            times += [at] if performer == 1 else []
        elif address == "/engine/piano/note":
            number, velocity, channel = map(_int, values)
            struck, key = keys[channel], (channel, number)
            if velocity:
                assert key not in down, f"{key} is struck while it is down"
                down[key] = len(struck)
                struck.append(Down(at, number, velocity, None))
            elif key in down:
                place = down.pop(key)
                struck[place] = struck[place]._replace(length=at - struck[place].at)
        elif address == "/engine/state/late":
            late = int(float(str(values[0])))
    each_once = {performer: [number for number, _ in itertools.groupby(found)] for performer, found in frames.items()}
    return Night(each_once, times, keys, late)


def longest_note() -> float:
    """Seconds that a key of the score is held at most; what comes down again comes up before."""
    down, longest = dict[int, int](), 0
    for timed in midi_file.read(find_score("nocturne", Path(), "score")).events:
        if isinstance(timed.event, Note) and timed.event.velocity:
            down[timed.event.number] = timed.at
        elif isinstance(timed.event, Note):
            longest = max(longest, timed.at - down.pop(timed.event.number))
    return longest * 1e-9


def fingers(show: Steered, seconds: float) -> subprocess.Popen[str]:
    """Somebody who plays along, in a process of their own."""
    command = [sys.executable, str(FINGERS), str(show.control), str(seconds), str(PLAYER)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def took(said: str, struck: list[Down]) -> list[float]:
    """Seconds from each key that was pressed to its being struck; none is left out, and their order is kept."""
    pressed = [(int(number), float(at)) for number, at in map(str.split, said.splitlines())]
    assert [each.number for each in struck] == [number for number, _ in pressed]
    return [each.at - at for each, (_, at) in zip(struck, pressed, strict=True)]


def keys_line(told: str) -> str:
    """What a show says of its keys at its end."""
    return next(line for line in told.splitlines() if line.startswith("keys:"))


@paced
@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(30, marks=pytest.mark.timeout(180)),
        pytest.param(600, marks=[pytest.mark.soak, pytest.mark.timeout(1500)]),
    ],
)
def test_dancers_and_a_pianist_play_and_somebody_joins_in(
    tmp_path: Path, seconds: int, say: Callable[[str], None]
) -> None:
    with on_stage(tmp_path) as show:
        said, _ = fingers(show, seconds).communicate(timeout=seconds + 30)
        time.sleep(0.5)
        before_the_end = heard(show.ears.messages(show.port))  # at its end a show lifts whatever is down
        told = show.end()
        time.sleep(0.5)
        night = heard(show.ears.messages(show.port))
    score, played = night.keys[SCORE], night.keys[PLAYER]
    trips = took(said, played)
    median, slow = np.percentile(trips, [50, 99])
    say(f"{len(night.frames[1])} frames, {night.late} late; {len(score)} keys of the score, {len(played)} of a player")
    say(f"from pressed to struck: median {median * 1e3:.2f} ms, p99 {slow * 1e3:.2f} ms, all {max(trips) * 1e3:.2f} ms")
    say(keys_line(told))
    night.check_frames()
    assert len(night.frames[1]) >= (seconds - 1) * FPS
    assert min(trips) > 0
    soon(slow, SOON)
    assert len(score) > 3 * seconds
    for keys in (score, played):
        assert len({each.velocity for each in keys}) > 15
        assert all(each.length is not None for each in keys)
    assert all(each.length is not None for each in before_the_end.keys[PLAYER])
    assert max(each.length or 0.0 for each in score) < longest_note() + 0.1


@paced
def test_a_flood_of_controls_neither_skips_frames_nor_holds_up_the_score(
    tmp_path: Path, say: Callable[[str], None]
) -> None:
    with on_stage(tmp_path) as show:
        time.sleep(FLOODED)
        before, begun = memory(show), time.monotonic()
        command = [sys.executable, str(FLOOD), str(show.control), str(RATE), str(FLOODED)]
        flooded = subprocess.run(command, capture_output=True, text=True, check=True)
        over = time.monotonic()
        time.sleep(1)  # the state is told once a second
        after = memory(show)
        told = show.end()
        time.sleep(0.5)
        night = heard(show.ears.messages(show.port))
    struck = [each for each in night.keys[SCORE] if begun <= each.at < over]
    say(f"{int(flooded.stdout)} controls; {night.late} of {len(night.frames[1])} frames late; {len(struck)} keys in it")
    say(f"{(after - before) / MEGABYTE:.1f} MB more; {keys_line(told)}")
    assert int(flooded.stdout) >= 0.9 * RATE * FLOODED
    night.check_frames()
    assert len(struck) > 2 * FLOODED
    assert " 0 too late for the model" in told
    assert max(each.length or 0.0 for each in night.keys[SCORE]) < longest_note() + 0.1
    assert after - before < 4 * MEGABYTE


def test_after_a_crash_the_next_life_of_a_show_lifts_what_the_last_one_left_down() -> None:
    (socket_,) = bound()
    with Ears([socket_]) as ears:
        port, control = socket_.getsockname()[1], free_port()
        command = [ENGINE, "serve", "piano", "--control", str(control), "--oscquery", "0"]
        command += ["--out", f"native://127.0.0.1:{port}"]

        def left() -> set[tuple[int, int]]:
            return hanging(events(ears.messages(port)))

        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as first:
            ears.wait(port, PATIENCE)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
                for number in CHORD:
                    mouth.sendto(osc.encode("/engine/in/note", number, 64, 1), ("127.0.0.1", control))
            until(lambda: left() == {(1, number) for number in CHORD}, "nobody strikes")
            first.kill()
        assert left() == {(1, number) for number in CHORD}
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as second:
            try:
                until(lambda: not left(), "a key hangs", PATIENCE)
            finally:
                second.terminate()


def events(messages: Iterable[Heard]) -> list[Event]:
    """The notes among messages."""
    notes = (map(_int, each.values) for each in messages if each.address == "/engine/piano/note")
    return [(channel, number, velocity) for number, velocity, channel in notes]


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value
