"""Play recorded gloves into a show over OSC, at their own rate, and say how many of their signs it recognises.

    engine serve synthetic_signs
    tools/send_gloves.py synthetic
    tools/send_gloves.py tctodd.tar.gz --session tctodd8 --json heard.json

The samples go to `/engine/in/glove`. Between signs nothing is sent, as by somebody who puts hands down (`--rest`), or
the last sample goes on (`--held`), or the next sign begins at once (`--joined`). What the show recognises is heard by
subscribing to it, or at a port that it sends to anyway (`--listen`). A label counts for the sign that was being sent,
or had been sent last, when it came; delays are those from the last sample of a sign, with its still end, so they may
be negative. Exits with 1 where nothing was heard.
"""

import argparse
import contextlib
import json
import select
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from engine.bundled import find_gloves
from engine.gestures.open_recording import read
from engine.gestures.recording import Gesture
from engine.runtime.clock import MonotonicClock
from engine.schema.errors import EngineError, WireError
from engine.schema.frame import F32
from engine.schema.show import CONTROL_PORT
from engine.wire import osc
from engine.wire.decode import decode

REST = 0.4
"""Seconds between two signs."""

SETTLING = 0.15
"""Seconds of a sign in which no recogniser knows it yet: a label then is still about the one before."""

LEAD = 1.0
"""Seconds before the first sample, until who hears is let in."""

LAST = 2.0
"""Seconds after the last sample in which its label is waited for."""

RENEWED = 10.0
"""Seconds after which a subscription, good for thirty, is renewed."""


class Due(NamedTuple):
    """A sample to send.

    Attributes:
        at: seconds after the first one.
        sign: which sign it belongs to, from 0; None: a rest.
        values: (C,) of it.
    """

    at: float
    sign: int | None
    values: F32


class Span(NamedTuple):
    """When a sign was sent: seconds of its first and its last sample."""

    begin: float
    end: float


class Heard(NamedTuple):
    """A label: when it came, the word and how certain."""

    at: float
    word: str
    certainty: float


class Judged(NamedTuple):
    """What became of the signs.

    Attributes:
        signs: that were sent.
        right: that were told by their first label.
        wrong: [sent, told] of those that were told as another one.
        missed: words of those that were not told.
        doubled: labels that said again what a sign's first label had said.
        false: other labels: a second one of a sign, or one before the first.
        delays: seconds from the end of a right sign to its label.
    """

    signs: int
    right: int
    wrong: list[tuple[str, str]]
    missed: list[str]
    doubled: int
    false: int
    delays: list[float]

    @property
    def accuracy(self) -> float:
        """Share of the signs that are right."""
        return self.right / self.signs


def schedule(signs: Sequence[Gesture], rate: float, *, rest: float, held: bool = False) -> list[Due]:
    """Every sample at its time.

    Args:
        signs: to send, one after the other.
        rate: samples per second.
        rest: seconds between two of them.
        held: the last sample goes on meanwhile.
    """
    due: list[Due] = []
    slot, pause = 0, round(rest * rate)
    for number, sign in enumerate(signs):
        due += [Due((slot + row) / rate, number, values) for row, values in enumerate(sign.values)]
        if held:
            end = slot + len(sign)
            due += [Due((end + row) / rate, None, sign.values[-1]) for row in range(pause)]
        slot += len(sign) + pause
    return due


def judge(signs: Sequence[Gesture], spans: Sequence[Span], heard: Sequence[Heard]) -> Judged:
    """Which labels belong to which signs, and what they are worth."""
    said: list[list[Heard]] = [[] for _ in signs]
    false = doubled = right = 0
    wrong, delays = [], []
    for label in heard:
        begun = sum(span.begin + SETTLING <= label.at for span in spans)
        if begun:
            said[begun - 1].append(label)
        else:
            false += 1
    for sign, span, labels in zip(signs, spans, said, strict=True):
        first, others = labels[:1], labels[1:]
        again = sum(other.word == first[0].word for other in others)
        doubled, false = doubled + again, false + len(others) - again
        right += bool(first) and first[0].word == sign.label
        wrong += [(sign.label, label.word) for label in first if label.word != sign.label]
        delays += [label.at - span.end for label in first if label.word == sign.label]
    missed = [sign.label for sign, labels in zip(signs, said, strict=True) if not labels]
    return Judged(len(signs), right, wrong, missed, doubled, false, delays)


class Ear:
    """Hears labels in a thread of its own until the block ends.

    Args:
        show: (host, port) of the controls of the show.
        root: of its addresses.
        port: where it sends to anyway; None: one is subscribed for.

    Attributes:
        labels: what was heard so far.
    """

    def __init__(self, show: tuple[str, int], root: str, port: int | None) -> None:
        self.labels: list[Heard] = []
        self._show, self._root = show, root
        self._over = threading.Event()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("", port or 0))
        self._asks = port is None
        self._thread = threading.Thread(target=self._hear)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()

    def _hear(self) -> None:
        asked = -RENEWED
        while not self._over.is_set():
            if self._asks and time.perf_counter() - asked > RENEWED:
                asked = time.perf_counter()
                wish = osc.encode(f"{self._root}/subscribe", "", self._socket.getsockname()[1], "native")
                self._socket.sendto(wish, self._show)
            if select.select([self._socket], [], [], 0.1)[0]:
                self.labels += labels(self._socket.recv(65536), self._root, time.perf_counter())


def labels(datagram: bytes, root: str, now: float) -> Iterator[Heard]:
    """The labels of a datagram."""
    try:
        messages = decode(datagram)
    except WireError:  # a stranger's
        return
    for message in messages:
        match message.arguments:
            case (str(word), float(certainty)) if message.address == f"{root}/sign/label":
                yield Heard(now, word, certainty)


def send(due: Sequence[Due], show: tuple[str, int], root: str) -> list[Span]:
    """Send every sample at its moment, by absolute deadlines; when each sign was sent."""
    clock, spans = MonotonicClock(), dict[int, Span]()
    start = clock.now_ns()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
        mouth.connect(show)
        for at, sign, values in due:
            datagram = osc.encode(f"{root}/in/glove", *values.tolist())
            clock.sleep_until_ns(start + round(at * 1e9))
            with contextlib.suppress(ConnectionRefusedError):  # nobody is there yet, or any more; the show may come
                mouth.send(datagram)
            now = clock.now_ns() * 1e-9
            if sign is not None:
                spans[sign] = Span(spans[sign].begin if sign in spans else now, now)
    return list(spans.values())


def chosen(recording: str, options: argparse.Namespace) -> tuple[list[Gesture], float]:
    """The signs to send, and how many samples a second."""
    found = read(find_gloves(recording) or Path(recording), rate=options.rate)
    signs = [sign for sign in found.gestures if options.session in {None, sign.session}][: options.signs]
    if not signs:
        raise SystemExit(f"no session '{options.session}' in {recording}; there: {', '.join(found.sessions)}")
    return signs, found.rate * options.speed


def told(judged: Judged) -> Iterator[str]:
    """What became of the signs, for a person to read."""
    yield f"{judged.right} of {judged.signs} signs recognised, {100 * judged.accuracy:.1f} %"
    yield f"missed {len(judged.missed)}, doubled {judged.doubled}, false {judged.false}, wrong {len(judged.wrong)}"
    yield from (f"  {sent} was told as {word}" for sent, word in judged.wrong)
    if judged.delays:
        middle, late = np.percentile(judged.delays, [50, 99])
        yield f"the label comes {middle:+.2f} s after the last sample of a sign (median; 99 of 100 by {late:+.2f} s)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Send and listen; 1 if nothing was heard."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recording", help="a .tsd, .csv, .npz, .tar.gz or folder, or the name of a bundled one")
    parser.add_argument("--host", default="127.0.0.1", help="where the show plays")
    parser.add_argument("--port", type=int, default=CONTROL_PORT, help="of its controls")
    parser.add_argument("--root", default="/engine", help="of its addresses")
    parser.add_argument("--listen", type=int, help="a port that the show sends to; else it is asked to send")
    parser.add_argument("--session", help="only the signs of this session")
    parser.add_argument("--signs", type=int, help="only so many, from the first on")
    parser.add_argument("--rate", type=float, help="samples per second, where the files do not say or are wrong")
    parser.add_argument("--speed", type=float, default=1.0, help="2: twice as fast")
    between = parser.add_mutually_exclusive_group()
    between.add_argument("--rest", type=float, default=REST, help="seconds between signs in which nothing is sent")
    between.add_argument("--held", type=float, help="seconds between signs in which the last sample goes on")
    between.add_argument("--joined", action="store_true", help="nothing between signs")
    parser.add_argument("--json", type=Path, help="write every figure here")
    options = parser.parse_args(arguments)
    if options.speed <= 0 or (options.signs or 1) < 1 or min(options.rest, options.held or 0) < 0:
        parser.error("--speed and --signs are over 0, --rest and --held not below")
    try:
        signs, rate = chosen(options.recording, options)
    except EngineError as error:
        parser.error(str(error))
    rest = 0.0 if options.joined else options.held if options.held is not None else options.rest
    show = (options.host, options.port)
    due = schedule(signs, rate, rest=rest, held=options.held is not None)
    try:
        listening = Ear(show, options.root, options.listen)
    except OSError as error:
        parser.error(f"--listen {options.listen}: {error.strerror}")
    with listening as ear:
        time.sleep(LEAD)
        spans = send(due, show, options.root)
        time.sleep(LAST)
    judged = judge(signs, spans, ear.labels)
    print("\n".join(told(judged)))
    if options.json:
        options.json.write_text(json.dumps({**judged._asdict(), "accuracy": judged.accuracy}, indent=2) + "\n")
    if not ear.labels:
        print("no label was heard: does a show with signs play there, and is it told to run?", file=sys.stderr)
    return 0 if ear.labels else 1


if __name__ == "__main__":
    sys.exit(main())
