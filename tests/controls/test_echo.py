"""The echo: who is told what, in how many datagrams, and how little a flood can make of it."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import pytest

from engine.contracts import MAX_DATAGRAM
from engine.controls import echo
from engine.controls.echo import AT_ONCE, WAITING, Destination, Echo
from engine.controls.letter import Source
from engine.controls.news import News
from engine.wire.decode import decode

ASKER, OTHER, GUEST = ("127.0.0.1", 5001), ("127.0.0.1", 5002), ("192.0.2.7", 7000)
ONE, TWO = Source("osc", *ASKER), Source("osc", *OTHER)


class Post:
    """Keeps what is sent."""

    def __init__(self, *guests: Destination) -> None:
        self.sent: list[tuple[bytes, Destination]] = []
        self.destinations, self.framed = guests, list[Destination]()
        self.echo = Echo(self.send, self, port=9101)

    def send(self, datagram: bytes, host: str, port: int) -> None:
        assert len(datagram) <= MAX_DATAGRAM
        self.sent.append((datagram, (host, port)))

    def messages(self) -> dict[Destination, list[tuple[object, ...]]]:
        found: dict[Destination, list[tuple[object, ...]]] = defaultdict(list)
        for datagram, to in self.sent:
            found[to] += [(message.address, *message.arguments) for message in decode(datagram)]
        return dict(found)


def test_the_asker_and_every_guest_are_told() -> None:
    post = Post(GUEST, OTHER)
    post.echo.hear([News("/e/ctl/a", (0.5,), ONE)])
    assert post.messages() == {to: [("/e/ctl/a", 0.5)] for to in (GUEST, OTHER, ASKER)}
    assert post.echo.sent == 3


def test_an_answer_is_for_the_asker_alone() -> None:
    post = Post(GUEST)
    post.echo.hear([News("/e/pong", (7, 8), ONE, private=True)])
    assert post.messages() == {ASKER: [("/e/pong", 7, 8)]}


def test_what_happens_is_told_to_guests_each_time_but_not_to_those_whose_frames_tell_it() -> None:
    post = Post(GUEST, OTHER)
    post.framed.append(OTHER)
    post.echo.hear([News("/e/sign/label", (word, 0.5), event=True) for word in ("think", "all", "think")])
    assert post.messages() == {GUEST: [("/e/sign/label", word, 0.5) for word in ("think", "all", "think")]}


def test_an_asker_who_is_a_guest_is_told_once() -> None:
    post = Post(ASKER)
    post.echo.hear([News("/e/ctl/a", (0.5,), ONE), News("/e/pong", (1, 2), ONE, private=True)])
    assert post.messages() == {ASKER: [("/e/ctl/a", 0.5), ("/e/pong", 1, 2)]}


@pytest.mark.parametrize("asker", [None, Source("mqtt"), Source("oscquery", *ASKER), Source("midi")])
def test_who_did_not_ask_over_osc_is_answered_elsewhere(asker: Source | None) -> None:
    post = Post()
    post.echo.hear([News("/e/ctl/a", (0.5,), asker)])
    assert post.sent == []


def test_two_shows_do_not_answer_each_other_for_ever() -> None:
    post = Post()
    post.echo.hear([News("/e/ctl/a", (0.5,), Source("osc", "192.0.2.9", 9101))])
    assert post.sent == []


def test_of_several_values_the_last_is_told_last() -> None:
    post = Post(GUEST)
    post.echo.hear([News("/a", (1,), ONE), News("/b", (2,), ONE), News("/a", (3,), TWO)])
    assert post.messages()[GUEST] == [("/b", 2), ("/a", 3)]
    assert (post.messages()[ASKER], post.messages()[OTHER]) == ([("/a", 1), ("/b", 2)], [("/a", 3)])


def test_what_goes_to_one_place_goes_together() -> None:
    post = Post(GUEST)
    post.echo.hear([News(f"/e/p{number}/ctl/a", (0.5,)) for number in range(60)])
    assert [address for address, *_ in post.messages()[GUEST]] == [f"/e/p{number}/ctl/a" for number in range(60)]
    assert len(post.sent) < 4


def test_a_flood_of_senders_gets_so_many_answers_at_once_and_the_rest_later() -> None:
    post = Post()
    post.echo.hear(_flood(AT_ONCE + 100))
    assert len(post.sent) == AT_ONCE
    asyncio.run(_run(post.echo))
    assert len(post.sent) == AT_ONCE + 100
    assert post.echo.dropped == 0


def test_a_flood_that_does_not_end_is_counted() -> None:
    post = Post()
    post.echo.hear(_flood(WAITING + 10))
    assert (len(post.sent), post.echo.dropped) == (AT_ONCE, 10)
    assert len(post.echo._waiting) == WAITING - AT_ONCE


@pytest.mark.parametrize("argument", ["x" * MAX_DATAGRAM, 2**31, float("inf"), True])
def test_what_no_datagram_carries_is_counted(argument: object) -> None:
    post = Post(GUEST)
    post.echo.hear([News("/a", (argument,)), News("/b", (1,))])  # type: ignore[arg-type]
    assert post.messages() == {GUEST: [("/b", 1)]}
    assert post.echo.dropped == 1


def _flood(size: int) -> Sequence[News]:
    return [News("/a", (1,), Source("osc", "127.0.0.1", 10_000 + number)) for number in range(size)]


async def _run(client: Echo) -> None:
    running = asyncio.create_task(client.run())
    while client._waiting:  # noqa: ASYNC110 - virtual: EVERY is 0
        await asyncio.sleep(0)
    running.cancel()


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(echo, "EVERY", 0)
