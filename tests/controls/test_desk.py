"""The desk, with clients that behave and clients that do not."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence

import pytest

from engine.contracts import Status
from engine.controls import desk
from engine.controls.desk import Desk, Mirror, coalesce, spelled
from engine.controls.letter import Source
from engine.controls.news import News, Outlet
from engine.schema.errors import TransportError

STATUS = Status(30.0, 1, 2, 0.5, "dance", "playing", 3, "opening")
ONE, TWO = Source("osc", "127.0.0.1", 1), Source("osc", "127.0.0.1", 2)


class Quiet:
    """A client that runs until it is cancelled, and keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[News] = []
        self.states: list[Status] = []
        self.runs = 0
        self.parted = False

    async def run(self) -> None:
        self.runs += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.parted = True

    def hear(self, news: Sequence[News]) -> None:
        self.heard += news

    def report(self, status: Status) -> None:
        self.states.append(status)


class Failing(Quiet):
    """One that fails at once."""

    def __init__(self, *errors: BaseException) -> None:
        super().__init__()
        self.errors = list(errors)

    async def run(self) -> None:
        self.runs += 1
        await asyncio.sleep(0)
        raise self.errors[min(self.runs, len(self.errors)) - 1]


class Stubborn(Quiet):
    """One that ignores that it is over."""

    async def run(self) -> None:
        while not self.parted:
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                continue


class Hanging(Quiet):
    """One that blocks the whole loop."""

    def __init__(self) -> None:
        super().__init__()
        self.release = threading.Event()

    async def run(self) -> None:
        self.release.wait(20)


class Deaf(Quiet):
    """One whose ears are broken."""

    def hear(self, _news: Sequence[News]) -> None:
        raise KeyError("ears")


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "EVERY", 0.001)
    monkeypatch.setattr(desk, "PAUSES", (0.001, 0.004))
    monkeypatch.setattr(desk, "PARTING", 0.02)
    monkeypatch.setattr(desk, "PATIENCE", 0.1)


def until(truth: Callable[[], object]) -> None:
    """Wait for another thread, which needs no particular time for it."""
    end = time.monotonic() + 10
    while not truth():
        assert time.monotonic() < end
        time.sleep(0.001)


def open_desk(*clients: Quiet) -> tuple[Desk, Outlet, Mirror, list[str]]:
    outlet, mirror, said = Outlet(), Mirror("/e", {"/e/ctl/a": (0.5,)}), list[str]()
    return Desk(outlet, clients, mirror=mirror, say=said.append), outlet, mirror, said


def test_news_reach_the_mirror_and_every_client() -> None:
    one, two = Quiet(), Quiet()
    made, outlet, mirror, said = open_desk(one, two)
    news = [News("/e/ctl/a", (0.7,), ONE), News("/e/pong", (1, 2), ONE, private=True)]
    for each in news:
        outlet.post(each)
    outlet.report(STATUS)
    made.start()
    until(lambda: two.states)
    made.close()
    assert one.heard == two.heard == news
    assert (mirror.get("/e/ctl/a"), mirror.get("/e/pong"), mirror.get("/e/state/cue")) == ((0.7,), None, ("opening",))
    assert one.parted
    assert two.parted
    assert said == []


def test_the_last_word_is_still_told() -> None:
    client = Quiet()
    made, outlet, _, _ = open_desk(client)
    made.start()
    until(lambda: client.runs)
    outlet.report(STATUS._replace(status="stopped"))
    made.close()
    assert client.states[-1].status == "stopped"


def test_a_client_that_fails_is_told_once_and_run_again() -> None:
    bad = Failing(TransportError("tcp 127.0.0.1:9102", "a taken port", "a free one"))
    good = Quiet()
    made, outlet, _, said = open_desk(bad, good)
    made.start()
    until(lambda: bad.runs > 3)
    outlet.post(News("/e/ctl/a", (1.0,)))
    until(lambda: good.heard and bad.heard)
    made.close()
    assert said == ["tcp 127.0.0.1:9102: a taken port; expected a free one"]
    assert good.runs == 1


def test_another_reason_is_told_too() -> None:
    bad = Failing(OSError("first"), ExceptionGroup("both", [OSError("second")]), asyncio.CancelledError())
    made, _, _, said = open_desk(bad)
    made.start()
    until(lambda: bad.runs > 5)
    made.close()
    assert said == ["Failing: OSError('first')", "Failing: OSError('second')", "Failing: CancelledError()"]


def test_broken_ears_are_told_once_and_harm_nobody() -> None:
    good = Quiet()
    made, outlet, _, said = open_desk(Deaf(), good)
    made.start()
    for number in range(3):
        outlet.post(News("/e/ctl/a", (float(number),)))
        until(lambda count=number + 1: len(good.heard) >= count)  # type: ignore[misc]
    made.close()
    assert said == ["Deaf: KeyError('ears')"]


@pytest.mark.parametrize("kind", [Stubborn, Hanging])
def test_closing_waits_for_nobody(kind: type[Stubborn] | type[Hanging]) -> None:
    client = kind()
    made, _, _, _ = open_desk(client)
    made.start()
    began = time.monotonic()
    made.close()
    assert time.monotonic() - began < 1  # ten times what it is patient for
    client.parted = True
    if isinstance(client, Hanging):
        client.release.set()
    made._thread.join(20)


def test_closing_twice_and_before_the_start_is_harmless() -> None:
    made, _, _, _ = open_desk()
    made.close()
    other, _, _, _ = open_desk()
    other.start()
    other.close()
    other.close()
    assert not other._thread.is_alive()


def test_of_each_address_and_asker_the_last_is_told_in_the_order_of_the_last() -> None:
    news = [News("/a", (1,), ONE), News("/b", (2,)), News("/a", (3,), TWO), News("/a", (4,), ONE)]
    assert coalesce(news) == [News("/b", (2,)), News("/a", (3,), TWO), News("/a", (4,), ONE)]


def test_every_answer_is_told() -> None:
    pongs = [News("/pong", (number, 0), ONE, private=True) for number in (1, 1, 2)]
    assert coalesce(pongs) == pongs


def test_all_that_happened_is_kept_in_order_and_the_last_of_it_is_what_its_address_holds() -> None:
    signs = [News("/sign/label", (word, 0.5), event=True) for word in ("think", "all", "think")]
    assert coalesce([signs[0], News("/b", (1,)), *signs[1:], News("/b", (2,))]) == [*signs, News("/b", (2,))]
    mirror = Mirror("/e", {})
    mirror.hear(signs[:2])
    assert mirror.get("/sign/label") == ("all", 0.5)


def test_the_state_has_addresses() -> None:
    assert [each.address for each in spelled("/e", STATUS)] == [
        f"/e/state/{name}"
        for name in ("fps", "late", "skipped", "p99_ms", "model", "status", "clients", "cue", "provider", "recording")
    ]
