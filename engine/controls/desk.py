"""The thread of everything that steers a show and may wait: brokers, browsers, MIDI, answers."""

import asyncio
import gc
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from engine.contracts import Status
from engine.controls.news import News
from engine.schema.errors import EngineError
from engine.wire.decode import Value

EVERY = 0.02
"""Seconds between two looks at the news: under a frame at 30 fps."""

PAUSES = (0.2, 5.0)
"""Seconds after which a client that failed is run again: at first, doubled each time, and at most."""

STEADY = 30.0
"""Seconds of running after which a client that fails counts as one that fails for the first time."""

PARTING = 0.5
"""Seconds that clients have to say goodbye."""

PATIENCE = 0.9
"""Seconds that closing takes at most, whatever a client does."""

COMPLAINTS = 32
"""Lines about defects that are told at most; none of them twice."""

LITTER = 10_000
"""Objects made and not given back since the last collection, after which one is due: asyncio's connections are cycles,
and nobody else collects during a show. Of so many a collection takes 0.6 ms, and all threads wait for it."""


class Client(Protocol):
    """What talks to the outside in its own way; all of it is called in the desk's thread."""

    async def run(self) -> None:
        """Work until it is cancelled; what it raises is told, and it is run again after a pause."""
        ...

    def hear(self, news: Sequence[News]) -> None:
        """Take what is new, each address once for each asker; must not wait."""
        ...

    def report(self, status: Status) -> None:
        """Take the state; must not wait."""
        ...


class Feed(Protocol):
    """Where the news come from."""

    def take(self) -> tuple[Sequence[News], Status | None]:
        """What was told since the last call, and the state if there is a new one."""
        ...


class Mirror:
    """What every address holds, as far as the desk has heard; only the desk's thread reads and writes it.

    Args:
        root: begins every address.
        values: of the beginning.
    """

    def __init__(self, root: str, values: Mapping[str, tuple[Value, ...]]) -> None:
        self._root, self._values = root, dict(values)

    def get(self, address: str) -> tuple[Value, ...] | None:
        """What an address holds; None where that is not known."""
        return self._values.get(address)

    def hear(self, news: Sequence[News]) -> None:
        """Take what is new; answers are no values."""
        self._values.update((each.address, each.arguments) for each in news if not each.private)

    def report(self, status: Status) -> None:
        """Take the state."""
        self._values.update((each.address, each.arguments) for each in spelled(self._root, status))


def spelled(root: str, status: Status) -> Sequence[News]:
    """The state of a show by its addresses."""
    return [News(f"{root}/state/{name}", (value,)) for name, value in status._asdict().items()]


def coalesce(news: Sequence[News]) -> Sequence[News]:
    """The last of each address and asker, where it stood; all answers, and all that happened."""
    last: dict[object, News] = {}
    for number, each in enumerate(news):
        key = number if each.private or each.event else (each.address, each.asker)
        last.pop(key, None)  # so that who hears all of them ends with the value that is true
        last[key] = each
    return list(last.values())


class Desk:
    """Runs the clients of a show beside it, and tells them what is new.

    Args:
        outlet: where the frame thread tells it.
        clients: that are run, each by itself.
        mirror: is kept up to date.
        say: takes one line for a person.
    """

    def __init__(
        self, outlet: Feed, clients: Sequence[Client], *, mirror: Mirror, say: Callable[[str], object]
    ) -> None:
        self._outlet, self._clients, self._mirror, self._say = outlet, tuple(clients), mirror, say
        self._over, self._complaints = threading.Event(), set[str]()
        self._thread = threading.Thread(target=self._work, name="desk", daemon=True)

    def start(self) -> None:
        """Begin, on a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """End; the clients say goodbye if they are quick. Harmless twice, and before the start."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join(PATIENCE)

    def _work(self) -> None:
        # A selector loop on Windows too: the proactor has no add_reader, which aiomqtt needs.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: self._complain(str(context["message"])))
        running = [asyncio.create_task(self._keep(client)) for client in self._clients]
        while not self._over.is_set():
            self._tell()
            await asyncio.sleep(EVERY)
        self._tell()
        await asyncio.sleep(0)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=PARTING)

    async def _keep(self, client: Client) -> None:
        """Run a client again and again."""
        loop, said = asyncio.get_running_loop(), ""
        pause, longest = PAUSES
        while True:
            began = loop.time()
            line = await _failure(client)
            if self._over.is_set():
                return
            if loop.time() - began > STEADY:
                pause, said = PAUSES[0], ""
            if line != said:
                self._say(line)
            said = line
            await asyncio.sleep(pause)
            pause = min(2 * pause, longest)

    def _tell(self) -> None:
        news, status = self._outlet.take()
        latest = coalesce(news)
        self._mirror.hear(latest)
        if status is not None:
            self._mirror.report(status)
        for client in self._clients:
            self._inform(client, latest, status)
        if gc.get_count()[0] > LITTER and not gc.isenabled():
            gc.collect()

    def _inform(self, client: Client, news: Sequence[News], status: Status | None) -> None:
        """Tell one client; its defects are its own."""
        try:
            if news:
                client.hear(news)
            if status is not None:
                client.report(status)
        except Exception as error:  # noqa: BLE001 (whatever it is, the other clients go on)
            self._complain(_line(client, error))

    def _complain(self, line: str) -> None:
        """Say what would be said fifty times a second."""
        if line not in self._complaints and len(self._complaints) < COMPLAINTS:
            self._complaints.add(line)
            self._say(line)


async def _failure(client: Client) -> str:
    """Run a client; why it ended."""
    try:
        await client.run()
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return _line(client, error)  # a part of the client was cancelled, not the client
    except Exception as error:  # noqa: BLE001 (whatever it is, the other clients go on)
        return _line(client, error)
    return f"{type(client).__name__}: ended by itself; expected to run as long as the show"


def _line(client: Client, error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    text = str(error) if isinstance(error, EngineError) else f"{type(client).__name__}: {error!r}"
    return " ".join(text.split())
