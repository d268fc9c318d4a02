"""What OSC senders are told: the value as it was taken, to whoever set it and to all who subscribed."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from itertools import count, islice
from typing import Protocol

from engine.contracts import MAX_DATAGRAM, Status
from engine.controls.news import News
from engine.schema.errors import WireError
from engine.wire import osc

AT_ONCE = 512
"""Messages that leave in one look; encoding and sharing them out takes about 3 ms."""

WAITING = 16_384
"""Messages that wait for the next look: every address of a show twice, for all and for who asked; 0.7 s of them."""

EVERY = 0.02
"""Seconds after which what waits goes on leaving."""

Destination = tuple[str, int]


class Audience(Protocol):
    """Who has subscribed."""

    @property
    def destinations(self) -> Iterable[Destination]:
        """Host and port of those who hear every value."""
        ...

    @property
    def framed(self) -> Iterable[Destination]:
        """Those of them whose frames tell what happens, in the same words as the echo would."""
        ...


class Nobody:
    """Of a show into which nobody is let."""

    destinations: Sequence[Destination] = ()
    framed: Sequence[Destination] = ()


class Echo:
    """A client of the desk that answers over OSC.

    Args:
        send: takes a datagram, a host and a port; never waits.
        guests: who has subscribed.
        port: that the show itself hears OSC at. Nobody is answered there: two shows would answer each other for ever.

    Attributes:
        sent: datagrams.
        dropped: messages that were not sent, as too many waited or none can carry them.
    """

    def __init__(self, send: Callable[[bytes, str, int], object], guests: Audience, *, port: int) -> None:
        self._send, self._guests, self._port = send, guests, port
        self._waiting: dict[object, tuple[Destination | None, News]] = {}
        self._number = count()
        self.sent = self.dropped = 0

    async def run(self) -> None:
        """Send on what was too much for one look."""
        while True:
            await asyncio.sleep(EVERY)
            self._flush()

    def hear(self, news: Sequence[News]) -> None:
        """Tell whom it concerns."""
        guests = frozenset(self._guests.destinations)
        for each in news:
            if each.event:
                self._happened(each, guests.difference(self._guests.framed))
                continue
            if guests and not each.private:
                self._put((None, each.address), None, each)
            asker = self._asker(each)
            if asker is not None and (each.private or asker not in guests):
                self._put((asker, next(self._number) if each.private else each.address), asker, each)
        self._flush()

    def report(self, status: Status) -> None:
        """Nothing: the state travels with the frames."""

    def _happened(self, news: News, guests: Iterable[Destination]) -> None:
        """Tell what happened to those whom no frame tells it; nothing takes its place."""
        for guest in guests:
            self._put(next(self._number), guest, news)

    def _asker(self, news: News) -> Destination | None:
        """To whom a piece of news is an answer over OSC."""
        asker = news.asker
        return None if asker is None or asker.kind != "osc" or asker.port == self._port else (asker.host, asker.port)

    def _put(self, key: object, to: Destination | None, news: News) -> None:
        self._waiting.pop(key, None)  # the newest value stands last
        if len(self._waiting) < WAITING:
            self._waiting[key] = to, news
        else:
            self.dropped += 1

    def _flush(self) -> None:
        """Send what waits, as far as one look goes; all for one destination together."""
        shares: dict[Destination | None, list[bytes]] = {}
        for key in [*islice(self._waiting, AT_ONCE)]:
            to, news = self._waiting.pop(key)
            message = _message(news)
            if message is None:
                self.dropped += 1
            else:
                shares.setdefault(to, []).append(message)
        for to, messages in shares.items():
            groups = osc.split(messages)
            datagrams = [group[0] if len(group) == 1 else osc.bundle(group) for group in groups]
            for host, port in self._guests.destinations if to is None else (to,):
                for datagram in datagrams:
                    self._send(datagram, host, port)
                    self.sent += 1


def _message(news: News) -> bytes | None:
    """A piece of news as a message; None where none, or no datagram, can carry it."""
    try:
        message = osc.encode(news.address, *[each for each in news.arguments if each is not None])
    except WireError:
        return None
    return message if osc.size([message]) <= MAX_DATAGRAM else None
