"""What the parts of a frame take, each on its own: the same call again and again, with the caches to itself."""

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack

import numpy as np

from engine.bench.dancers import ROOT, Cast, Wire
from engine.bench.reference import R1
from engine.bench.results import Part
from engine.bench.times import Times
from engine.bench.turns import alone
from engine.contracts import HeadOutput, Knobs
from engine.controls.board import Board
from engine.controls.news import Outlet
from engine.controls.osc import Listener
from engine.controls.tree import Tree
from engine.guard import Guard, limits
from engine.runtime.realtime import undisturbed
from engine.runtime.requests import Requests
from engine.sampling.mdn import Sampler
from engine.sampling.noise import Noise
from engine.schema.controls import PARAMETERS, Controls, expanded
from engine.schema.frame import F32, Frame, Quality
from engine.schema.model import Head, HeadKind
from engine.wire import osc

PERFORMERS = (1, 64)

SETTLED = 30
"""Frames that dancers dance before what they do is taken for the measurement."""

Calls = Mapping[str, Callable[[], object]]


def measure(port: int, seconds: float, performers: Sequence[int] = PERFORMERS) -> Iterator[Part]:
    """Every part for so many performers, `seconds` for each; `port` is of somebody who reads."""
    cast = Cast()
    for count in performers:
        with ExitStack() as opened:
            calls = {**sampling(count), **dancing(cast, count, port, opened)}
            with undisturbed():
                for name, call in calls.items():
                    yield _part(name, count, alone(call, seconds))
                # Each look at the controls needs new datagrams, which are not counted.
                yield _part("control drain", count, draining(count, seconds, opened))


def _part(name: str, performers: int, taken: Sequence[int]) -> Part:
    times = Times.of(taken)
    each = round(times.p50 / performers, 3)
    return Part(part=name, performers=performers, median_us=times.p50, p99_us=times.p99, each_us=each)


def sampling(performers: int) -> Calls:
    """Noise and sampling with the shapes of R1: 32 components over 165 numbers."""
    noise = Noise(range(performers), R1.dims, (1.0,))
    noise.fill(0, performers)
    knobs = Knobs(*(np.ones(performers, np.float32) for _ in Knobs._fields))

    def drawing(kind: HeadKind, output: HeadOutput) -> Callable[[], object]:
        sampler = Sampler(Head(kind=kind, components=R1.components, dims=R1.dims), performers)
        return lambda: sampler.draw(output, noise.u, noise.normals, knobs)

    lazy, full = (performers, R1.dims), (performers, R1.components, R1.dims)
    logits = np.random.default_rng(1).standard_normal((performers, R1.components), np.float32)
    component = np.zeros(performers, np.int64)
    return {
        "noise": lambda: noise.fill(1, performers),
        "sampling, lazy head": drawing("mdn-lazy", HeadOutput(_ones(lazy), _ones(lazy), component=component)),
        "sampling, full head": drawing("mdn", HeadOutput(_ones(full), _ones(full), logits)),
    }


def _ones(shape: tuple[int, ...]) -> F32:
    return np.ones(shape, np.float32)


def dancing(cast: Cast, performers: int, port: int, opened: ExitStack) -> Calls:
    """What comes before and after the step of the bundled dance."""
    spec, family, model = cast.loaded.spec, cast.family(performers), cast.model(performers)
    opened.callback(model.close)
    assert spec.skeleton is not None  # noqa: S101 (it has danced already)
    guard = Guard(performers, len(spec.skeleton.names), limits(spec.skeleton, spec.fps))
    sampler, noise = Sampler(spec.head, performers), Noise(range(performers), spec.head.dims, spec.head.colour)
    knobs = Knobs(*(np.ones(performers, np.float32) for _ in Knobs._fields))
    controls, broken = [Controls()] * performers, np.zeros(performers, np.bool_)
    x = np.zeros((performers, spec.features), np.float32)
    for row in range(performers):
        moment = cast.primes.moment(row % len(cast.primes.clips))
        model.put(row, moment.states, moment.row)
        family.enter(row, moment.clip)
    for frame in range(SETTLED):
        family.encode(x, controls)
        noise.fill(frame, performers)
        output = model.step(x, noise.u, knobs.pi_temperature, knobs.top_p)
        sample = sampler.draw(output, noise.u, noise.normals, knobs)
        pose = family.decode(sample, controls)
        guard.check(pose, broken)
    numbers, wire = tuple(range(1, performers + 1)), Wire(cast, performers, port, opened)
    shown = Frame(SETTLED, 1000, guard.pose, (Quality.GOOD,) * performers, numbers)
    (datagrams,) = wire.encode(shown)
    return {
        "input": lambda: family.encode(x, controls),
        "decode": lambda: family.decode(sample, controls),
        "guard": lambda: guard.check(pose, broken),
        "native encode": lambda: tuple(wire.encode(shown)),
        "send": lambda: wire.send(datagrams),
        "native encode + send": lambda: wire(shown),
    }


def draining(performers: int, seconds: float, opened: ExitStack) -> list[int]:
    """Nanoseconds of a look at the controls, after each performer's temperature has come in a datagram of its own."""
    listener, table = Listener(port=0, room=2**20), expanded(PARAMETERS)
    opened.callback(listener.close)
    tree, board = Tree(ROOT, table), Board(table, fps=60.0)
    outlet = Outlet()
    requests = Requests([listener], tree, board=board, outlet=outlet, verbs={}, also={})
    sender = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    sender.connect(("127.0.0.1", listener.port))
    letters = [osc.encode(f"{ROOT}/p{number}/ctl/temperature", 0.5) for number in range(1, performers + 1)]

    def ask() -> None:
        outlet.take()
        for letter in letters:
            sender.send(letter)

    taken = alone(requests.serve, seconds, before=ask)
    looked = len(taken) + 1  # one more came first
    if requests.counters.taken != looked * performers:
        raise AssertionError(f"{requests.counters}; expected {looked * performers} taken")
    return taken
