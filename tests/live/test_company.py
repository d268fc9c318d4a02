"""Eight bodies for four protocols at once, while performers come and go: nobody who stays misses a frame."""

import re
import socket
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import groupby, pairwise
from typing import NamedTuple

import pytest
from check_stream import each_once
from live.listening import Ears, bound
from live.receiving import ENGINE, PATIENCE, free_port

from engine.wire import osc

pytestmark = pytest.mark.live

KINDS = ("native", "td", "aitoolbox", "vmc")
LISTS = ("pos_world", "rot_world", "rot_local")
"""Of the AI-Toolbox."""

FPS = 60
PERFORMERS = 8
ANSWER = 0.1
"""Seconds until a receiver that says hello knows the joints."""


class Heard(NamedTuple):
    """What came to each port.

    Attributes:
        sent: frames that left, as the engine itself counts them.
        native: numbers of the frames of each performer, each once.
        rotations: of each performer.
        td: likewise numbers of frames.
        vmc: messages that begin a frame, by performer.
        aitoolbox: messages of each performer, places and both rotations.
        companies: who plays, each time that it was said anew.
        told: when the first performer's joints were told, seconds of the system's clock.
    """

    sent: int
    native: dict[int, list[int]]
    rotations: Counter[int]
    td: dict[int, list[int]]
    vmc: list[int]
    aitoolbox: list[Counter[int]]
    companies: list[list[object]]
    told: list[float]


class Show(NamedTuple):
    """A show that plays.

    Attributes:
        ears: hear it.
        ports: where: native, td, aitoolbox, then one for each performer of VMC.
        control: the port that it listens at.
        engine: the process.
    """

    ears: Ears
    ports: Sequence[int]
    control: int
    engine: subprocess.Popen[str]

    def ask(self, address: str, *arguments: int) -> None:
        """Send a request."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.sendto(osc.encode(address, *arguments), ("127.0.0.1", self.control))

    def heard(self) -> Heard:
        """What came, once the show is over; nothing may have been complained about."""
        said, complained = self.engine.communicate(timeout=30)
        assert (self.engine.returncode, complained) == (0, "")
        found = re.search(r"^(\d+) frames in", said, re.MULTILINE)
        assert found is not None, said
        assert "0 sends stalled, 0 refused" in said
        time.sleep(0.3)
        return _heard(self.ears, self.ports, int(found[1]))


@contextmanager
def playing(seconds: int) -> Iterator[Show]:
    """Eight performers for all four protocols."""
    with ExitStack() as opened:
        sockets = [*bound(), *bound(), *bound(), *bound(PERFORMERS)]
        ears = opened.enter_context(Ears(sockets))
        ports = [each.getsockname()[1] for each in sockets]
        outs = [f"{kind}://127.0.0.1:{port}" for kind, port in zip(KINDS, ports, strict=False)]
        control = free_port()
        command = [ENGINE, "serve", "--fps", str(FPS), "--performers", str(PERFORMERS), "--for", f"{seconds}s"]
        command += [part for out in outs for part in ("--out", out)] + ["--control", str(control)]
        engine = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        opened.enter_context(engine)
        opened.callback(engine.kill)
        ears.wait(ports[0], PATIENCE)
        yield Show(ears, ports, control, engine)


def test_every_protocol_has_every_frame_of_every_performer() -> None:
    with playing(5) as show:
        heard = show.heard()
    assert heard.sent == pytest.approx(5 * FPS, abs=15)  # a busy machine may skip a few
    numbers = heard.native[1]
    assert len(numbers) == heard.sent
    assert all(later > earlier for earlier, later in pairwise(numbers))
    everybody = range(1, PERFORMERS + 1)
    assert heard.native == dict.fromkeys(everybody, numbers)
    assert heard.td == dict.fromkeys(everybody, numbers)
    assert heard.rotations == dict.fromkeys(everybody, heard.sent)
    assert heard.vmc == [heard.sent] * PERFORMERS
    assert heard.aitoolbox == [dict.fromkeys(everybody, heard.sent)] * 3


def test_performers_come_and_go_and_nobody_else_misses_a_frame() -> None:
    with playing(8) as show:
        for wanted in (3, 8, 12):
            time.sleep(1.5)
            show.ask("/engine/ctl/performers", wanted)
        heard = show.heard()
    numbers = heard.native[1]
    assert len(numbers) == heard.sent
    assert heard.native[2] == heard.native[3] == numbers
    assert [_runs(heard.native[number], numbers) for number in range(1, 13)] == [1] * 3 + [2] * 5 + [1] * 4
    assert heard.td == heard.native
    counts = {number: len(found) for number, found in heard.native.items()}
    assert heard.rotations == counts
    assert heard.vmc == [counts[number] for number in range(1, PERFORMERS + 1)]
    assert heard.aitoolbox == [counts] * 3
    told = [len(company) for company in heard.companies]
    assert all(company == [*range(1, len(company) + 1)] for company in heard.companies)
    assert [count for count in told if count in (3, 8, 12)] == [8, 3, 8, 12]
    assert told[-1] == 12
    assert all(heard.native[number][-1] == numbers[-1] for number in range(1, 13))


def test_hello_is_answered_at_once() -> None:
    with playing(4) as show:
        asked = []
        for pause in (0.5, 0.6, 0.7):  # the engine speaks by itself every 2 s
            time.sleep(pause)
            asked.append(time.monotonic())
            show.ask("/engine/hello")
        heard = show.heard()
    assert all(any(0 < told - at < ANSWER for told in heard.told) for at in asked)


def _runs(numbers: Sequence[int], of: Sequence[int]) -> int:
    """In how many unbroken runs these frames lie among those that were sent."""
    places = {number: place for place, number in enumerate(of)}
    return len([*groupby(enumerate(numbers), lambda each: places[each[1]] - each[0])])


def _heard(ears: Ears, ports: Sequence[int], sent: int) -> Heard:
    native, td = defaultdict[int, list[int]](list), defaultdict[int, list[int]](list)
    rotations, aitoolbox = Counter[int](), [Counter[int]() for _ in LISTS]
    companies: list[list[object]] = []
    told = []
    for time_, address, values in ears.messages(ports[0]):
        performer = _performer(address)
        if address.endswith("/frame"):
            native[performer].append(_number(values))
        elif address.endswith("/rot"):
            rotations[performer] += 1
        elif address == "/engine/performers" and values not in companies[-1:]:
            companies.append(values)
        elif address == "/engine/p1/skeleton/names":
            told.append(time_)
    for _, address, values in ears.messages(ports[1]):
        if address.endswith("/frame"):
            td[_performer(address)].append(_number(values))
    for _, address, _ in ears.messages(ports[2]):
        aitoolbox[LISTS.index(address.rpartition("/")[2])][int(address.split("/")[2]) + 1] += 1
    return Heard(
        sent=sent,
        native={number: each_once(found) for number, found in native.items()},
        rotations=rotations,
        td={number: each_once(found) for number, found in td.items()},
        vmc=[sum(address == "/VMC/Ext/OK" for _, address, _ in ears.messages(port)) for port in ports[3:]],
        aitoolbox=aitoolbox,
        companies=companies,
        told=told,
    )


def _performer(address: str) -> int:
    found = re.search(r"/p(\d+)/", address)
    return int(found[1]) if found else 0


def _number(values: Sequence[object]) -> int:
    assert isinstance(values[0], int | float)
    return int(values[0])
