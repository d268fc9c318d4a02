"""The decoder, and what stands behind it, against what is wrong on purpose."""

import gc
import random
import struct
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from engine.controls.board import Board
from engine.controls.letter import Letter, Source
from engine.controls.news import Outlet
from engine.controls.tree import Tree
from engine.runtime.requests import Requests
from engine.schema.controls import PARAMETERS, expanded
from engine.schema.errors import WireError
from engine.wire import osc
from engine.wire.decode import decode

TABLE = expanded(PARAMETERS)
TREE = Tree("/engine", TABLE)
STRANGER = Source("osc", "10.0.0.9", 5000)
HEAD = b"#bundle\0" + osc.IMMEDIATELY

LIMIT_S = 0.010
"""Seconds that one datagram may take, from bytes to the board: one pattern may mean 4096 values, 16 of each of 256
performers, which takes half of this when it is worked out and a quarter when it comes again."""

MUTANTS = 1_000_000


class Outcome(NamedTuple):
    """What became of a datagram: whether it could be read, whether it was done, and how long both took."""

    read: bool
    done: bool
    seconds: float


class Path:
    """The way of a datagram: decoder, requests, board."""

    def __init__(self) -> None:
        self.board, self.outlet, self.datagram = Board(TABLE, fps=60), Outlet(), b""
        self.read = False
        self.requests = Requests([self], TREE, board=self.board, outlet=self.outlet, verbs={}, also={})

    def drain(self) -> list[Letter]:
        try:
            letter = Letter(tuple(decode(self.datagram)), STRANGER)
        except WireError:
            return []
        self.read = True
        return [letter]

    def take(self, datagram: bytes) -> Outcome:
        self.datagram, self.read = datagram, False
        taken = self.requests.counters.taken
        began = time.perf_counter()
        self.requests.serve()
        seconds = time.perf_counter() - began
        self.outlet.take()
        return Outcome(self.read, self.requests.counters.taken > taken, seconds)


def bundled(*elements: bytes) -> bytes:
    return HEAD + b"".join(struct.pack(">i", len(element)) + element for element in elements)


def templates() -> list[bytes]:
    """What people send, by our own encoder and by python-osc's."""
    ours = [
        osc.encode("/engine/ctl/temperature", 0.5),
        osc.encode("/engine/p2/ctl/blend", 1),
        osc.encode("/engine/ctl/run", True, tags="TF"),
        osc.encode("/engine/cue/go", "storm"),
        osc.encode("/engine/subscribe", "127.0.0.1", 9000, "native"),
        osc.encode("/engine/panic"),
        osc.encode("/engine/in/p1/pos", *[0.25] * 60),
        osc.encode("/engine/blob", b"bytes", "text", 3, -1.5, tags="bifs"),
        b"/engine/p[1-3]/ctl/{sigma,blend}\0\0\0\0,f\0\0" + struct.pack(">f", 0.5),
        b"/engine/p*/ctl/*\0\0\0\0,d\0\0" + struct.pack(">d", 0.5),
        b"/engine/ctl/seed\0\0\0\0,h\0\0" + struct.pack(">q", 2**40),
    ]
    builder = OscMessageBuilder("/engine/p1/ctl/sigma")
    builder.add_arg(0.5, "f")
    builder.add_arg("word", "s")
    builder.add_arg(b"\1\2", "b")
    builder.add_arg(2**40, "h")
    builder.add_arg(True, "T")
    theirs = OscBundleBuilder(IMMEDIATELY)
    theirs.add_content(builder.build())
    plain = OscMessageBuilder("/engine/p1/ctl/sigma")
    plain.add_arg(0.25)
    theirs.add_content(plain.build())
    bundles = [osc.bundle(ours[:5]), osc.bundle([osc.bundle(ours[:2]), ours[3]]), theirs.build().dgram]
    return [*ours, builder.build().dgram, plain.build().dgram, *bundles]


TEMPLATES = templates()

Mutation = Callable[[random.Random, bytearray], None]


def flip(chance: random.Random, data: bytearray) -> None:
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def put(chance: random.Random, data: bytearray) -> None:
    data[chance.randrange(len(data))] = chance.choice(b"\0\xff\x7f\x80,/#*?[]{}!-ifsbTFNIhdtcrmS")


def resize(chance: random.Random, data: bytearray) -> None:
    """Another number where a length may stand."""
    at = chance.randrange(0, len(data), 4)
    size = chance.choice([-1, -4, 0, 1, 3, 4, 8, len(data), 2**31 - 1, -(2**31), chance.randrange(-64, 4096)])
    data[at : at + 4] = struct.pack(">i", size)


def retag(chance: random.Random, data: bytearray) -> None:
    at = data.find(b",")
    if 0 <= at < len(data) - 1:
        data[chance.randrange(at + 1, min(at + 8, len(data)))] = chance.choice(b"ifsSbhtdcrmTFNI[]\0x")


def cut(chance: random.Random, data: bytearray) -> None:
    del data[chance.randrange(len(data)) :]


def grow(chance: random.Random, data: bytearray) -> None:
    at = chance.randrange(len(data) + 1)
    data[at:at] = chance.choice([bytes(4), b"\xff" * 4, b"*a" * 14, b"{,a}" * 8, bytes(data), chance.randbytes(8)])


def wrap(chance: random.Random, data: bytearray) -> None:
    for _ in range(chance.randrange(1, 8)):
        data[:] = bundled(bytes(data))


MUTATIONS: tuple[Mutation, ...] = (flip, put, put, resize, retag, cut, grow, wrap)


def mutants(seed: int, count: int) -> Iterator[bytes]:
    chance = random.Random(seed)  # noqa: S311 (the same every time)
    for _ in range(count):
        data = bytearray(chance.choice(TEMPLATES))
        for _ in range(chance.choice((0, 1, 1, 2, 4))):
            if data:
                chance.choice(MUTATIONS)(chance, data)
        yield bytes(data)


def deep(levels: int) -> bytes:
    packet = osc.encode("/engine/panic")
    for _ in range(levels):
        packet = bundled(packet)
    return packet


HOSTILE = {
    "negative size of an element": HEAD + struct.pack(">i", -4) + TEMPLATES[0],
    "the most negative size": HEAD + struct.pack(">i", -(2**31)),
    "nested 400 deep": deep(400),
    "no UTF-8 in a string": b"/engine/cue/go\0\0,s\0\0\xc3\x28\xff\0",
    "no UTF-8 in an address": b"/engine/\xc3\x28\0\0,\0\0\0",
    "an address of 60 kB": b"/" + b"a" * 60_000 + b"\0\0\0,\0\0\0",
    "an address of 60 kB without an end": b"/" + b"a" * 60_000,
    "60 kB of stars": b"/" + b"*a" * 30_000 + b"\0\0\0,\0\0\0",
    "60 kB of open arrays": b"/a\0\0," + b"[" * 60_000 + b"\0\0\0",
    "a blob of 2 GB": b"/a\0\0,b\0\0\x7f\xff\xff\xff",
    "16 000 empty bundles": HEAD + (struct.pack(">i", 16) + HEAD) * 3000 + b"\0",
}


def test_a_value_that_is_no_number_is_a_missing_one_and_changes_nothing() -> None:
    path = Path()
    before = path.board.targets.copy()
    outcome = path.take(b"/engine/ctl/sigma\0\0\0,f\0\0\x7f\xc0\0\0")
    assert outcome.read
    assert not outcome.done
    np.testing.assert_array_equal(path.board.targets, before)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_wrong_on_purpose_is_refused_and_changes_nothing(name: str) -> None:
    path = Path()
    before = path.board.targets.copy()
    outcome = path.take(HOSTILE[name])
    assert not outcome.read
    np.testing.assert_array_equal(path.board.targets, before)
    with pytest.raises(WireError):
        decode(HOSTILE[name])


def test_a_time_tag_in_the_future_is_taken_now() -> None:
    path = Path()
    path.take(b"#bundle\0" + struct.pack(">Q", 2**63) + bundled(TEMPLATES[0])[len(HEAD) :])
    assert path.board.target("temperature") == 0.5


def test_a_pattern_of_fourteen_stars_means_what_it_says() -> None:
    path = Path()
    address = b"/engine/ctl/*t*e*m*p*e*r*a*t*u*r*e***"
    path.take(address + bytes(4 - len(address) % 4) + b",f\0\0" + struct.pack(">f", 0.5))
    assert path.board.target("temperature") == 0.5
    nobody = path.take(b"/engine/ctl/" + b"*a" * 14 + bytes(4) + b",\0\0\0")
    assert (nobody.read, nobody.done) == (True, False)


def test_a_letter_with_one_bad_message_changes_nothing() -> None:
    path = Path()
    before = path.board.targets.copy()
    assert not path.take(osc.bundle([TEMPLATES[0], osc.encode("/engine/ctl/sigma", "x")])).done
    np.testing.assert_array_equal(path.board.targets, before)


@given(st.integers(0, 2**32))
def test_a_mutant_is_refused_without_a_trace_or_keeps_all_values_in_their_ranges(seed: int) -> None:
    for datagram in mutants(seed, 20):
        path = Path()
        before = path.board.targets.copy()
        if not path.take(datagram).done:
            np.testing.assert_array_equal(path.board.targets, before)
        assert within(path.board)


def within(board: Board) -> bool:
    lows = np.array([control.low for control in TABLE.values()])
    highs = np.array([control.high for control in TABLE.values()])
    return bool(((board.targets >= lows) & (board.targets <= highs)).all())


@pytest.fixture
def uncollected() -> Iterator[None]:
    """No garbage collection, as in a show."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.usefixtures("uncollected")
def test_a_million_mutants_do_nothing_that_they_should_not_and_none_takes_long() -> None:
    path = Path()
    before = path.board.targets.copy()
    counts, slow = np.zeros(2, np.int64), 0
    for datagram in mutants(2026, MUTANTS):
        outcome = path.take(datagram)
        counts += (outcome.read, outcome.done)
        if outcome.seconds > LIMIT_S:  # the scheduler's doing, unless it takes as long again
            slow += min(path.take(datagram).seconds for _ in range(3)) > LIMIT_S
        if outcome.done:
            before = path.board.targets.copy()
            continue
        assert (path.board.targets == before).all(), datagram
    assert slow == 0
    assert within(path.board)
    assert MUTANTS * 0.05 < counts[1] < counts[0] < MUTANTS * 0.9
