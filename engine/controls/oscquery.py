"""OSCQuery: the tree of a show over HTTP, and its values both ways over WebSocket, on one TCP port."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from http import HTTPStatus
from itertools import count

import msgspec
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State

from engine.contracts import Status
from engine.controls.desk import spelled
from engine.controls.door import Connection, Door, answered, response
from engine.controls.letter import Inbox, Letter
from engine.controls.news import News
from engine.controls.query import Host, Namespace
from engine.controls.quiet import quiet
from engine.controls.talk import Talk
from engine.schema.errors import WireError
from engine.schema.show import OSCQUERY_PORT
from engine.transport.access import Place, admit, is_loopback, is_near, places, resolve, unbindable
from engine.wire import osc
from engine.wire.decode import Value, decode

MAX_MESSAGE = 2**16
"""Bytes of a message that comes in."""

AT_ONCE = 64
"""Messages of a connection that are taken before it has a rest; so a flood waits where it comes from."""

REST = 0.02
"""Seconds of that rest: 3200 messages a second, three times what a fast fader sends."""

OPENING = 5.0
"""Seconds in which a request has to be made."""

CLOSING = 0.2
"""Seconds that a connection has to be closed properly."""

METHODS = ("GET", "HEAD")


class Command(msgspec.Struct, frozen=True):
    """What is said as text."""

    command: str = msgspec.field(name="COMMAND")
    data: str = msgspec.field(name="DATA")


class OscQuery:
    """A client of the desk that shows the tree and lets it be steered.

    Args:
        space: what is seen.
        inbox: takes what is asked for.
        root: begins every address.
        name: of the server, for people.
        port: TCP; 0 takes a free one.
        control: UDP port that hears OSC; 0: none does.
        listen: where it is heard, beside loopback.
        allow: addresses and networks that may come in there.

    Attributes:
        addresses: host and port of each socket, while it runs.
        bad: messages that made no sense.
    """

    def __init__(
        self,
        space: Namespace,
        inbox: Inbox,
        *,
        root: str,
        name: str,
        port: int = OSCQUERY_PORT,
        control: int = 0,
        listen: str = "127.0.0.1",
        allow: Sequence[str] = (),
    ) -> None:
        self._space, self._inbox, self._root, self._name = space, inbox, root, name
        self._port, self._control, self._listen, self._allow = port, control, listen, tuple(allow)
        self._doors: list[Door] = []
        self._talks: set[Talk] = set()
        self._performers = space.performers
        self._events = count()
        self.addresses: tuple[tuple[str, int], ...] = ()
        self.bad = 0

    async def run(self) -> None:
        """Serve until it is cancelled.

        Raises:
            TransportError: the port is taken, or an address cannot be listened at.
        """
        self._doors.clear()
        async with AsyncExitStack() as opened:
            port, found = self._port, list[tuple[str, int]]()
            for place in places(self._listen, self._allow):
                port = await self._open(place, port, opened)
                found.append((place.host, port))
            self.addresses = tuple(found)
            try:
                await asyncio.Event().wait()
            finally:
                for each in self.inside:
                    if each.state is State.CONNECTING:
                        each.transport.abort()  # it has asked for nothing yet, or still reads, and would be waited for

    @property
    def inside(self) -> Sequence[Connection]:
        """All connections."""
        return [each for door in self._doors for each in door.inside]

    def hear(self, news: Sequence[News]) -> None:
        """Tell those who listen, and those who asked."""
        self._space.hear(each.address for each in news if not each.private)
        self._compare(self._space.performers)
        for each in news:
            self._tell(each)

    def report(self, status: Status) -> None:
        """Tell those who listen to the state."""
        state = spelled(self._root, status)
        self._space.hear(each.address for each in state)
        for each in state:
            self._tell(each)

    async def _open(self, place: Place, port: int, opened: AsyncExitStack) -> int:
        """Listen at an address, and tell at which port."""
        host, name = place.host, f"tcp {place.host}:{port}"
        admits = admit(name, str(resolve(host, port, lowest=0)[1][0]), place.allow)
        door = Door(admits)
        self._doors.append(door)
        server = serve(
            self._converse,
            host,
            port,
            process_request=self._respond,
            create_connection=partial(Connection, door),  # type: ignore[arg-type]  # a factory
            compression=None,  # a small message would open to a large one
            server_header=None,
            open_timeout=OPENING,
            close_timeout=CLOSING,
            max_size=MAX_MESSAGE,
            logger=quiet("oscquery"),
        )
        try:
            listening = await opened.enter_async_context(server)
        except OSError as error:
            raise unbindable(name, error) from error
        bound: int = next(iter(listening.sockets)).getsockname()[1]
        return bound

    def _respond(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer what is plain HTTP; None lets a WebSocket be opened."""
        host, port = connection.local_address[:2]
        origins = request.headers.get_all("Origin")
        near = all(is_near(origin, host) for origin in origins)
        called = [f"//{name}" for name in request.headers.get_all("Host")] if is_loopback(host) else []
        if not all(is_near(name, host) for name in called):
            return response(HTTPStatus.FORBIDDEN)
        if request.method not in METHODS:
            return response(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": ", ".join(METHODS)})
        if any("websocket" in upgrade.lower() for upgrade in request.headers.get_all("Upgrade")):
            return None if near else response(HTTPStatus.FORBIDDEN)
        connection.close_timeout = OPENING  # the tree of many performers takes its time through a slow network
        answer = self._space.answer(request.path, Host(self._name, host, port, self._control))
        headers = {"Access-Control-Allow-Origin": origins[0], "Vary": "Origin"} if origins and near else {}
        return answered(answer, headers, silent=request.method == "HEAD")

    async def _converse(self, connection: ServerConnection) -> None:
        """Hear and serve one WebSocket."""
        talk = Talk(connection)
        speaking = asyncio.create_task(talk.speak())
        self._talks.add(talk)
        try:
            taken = 0
            async for message in connection:
                await self._take(talk, message)
                taken += 1
                if taken % AT_ONCE == 0:
                    await asyncio.sleep(REST)
        except ConnectionClosed:
            return  # without a word; what there is to do is done below
        except Exception as error:
            asyncio.get_running_loop().call_exception_handler({"message": f"oscquery: {error!r}"})
            raise
        finally:
            self._talks.discard(talk)
            speaking.cancel()

    async def _take(self, talk: Talk, message: str | bytes) -> None:
        """Do what a message says."""
        try:
            if isinstance(message, str):
                self._listen_to(talk, msgspec.json.decode(message, type=Command))
            else:
                letter = Letter(tuple(decode(message)), talk.source)
                while not self._inbox.deliver(letter):  # noqa: ASYNC110 - what empties it is no coroutine
                    await asyncio.sleep(REST)
        except (WireError, ValueError, RecursionError):  # RecursionError: JSON that is nested deeply
            self.bad += 1

    def _listen_to(self, talk: Talk, command: Command) -> None:
        """Begin or end to tell somebody a value.

        Raises:
            ValueError: there is no such command, or nothing to tell.
        """
        branch = self._space.find(command.data)
        if branch is None or branch.node is None or "r" not in branch.node.access:
            raise ValueError(f"{command.data}; expected an address with a value")
        if command.command == "LISTEN":
            talk.paths.add(branch.node.path)
            if value := self._space.value(branch.node.path):
                self._put([talk], branch.node.path, value)
        elif command.command == "IGNORE":
            talk.paths.discard(branch.node.path)
        else:
            raise ValueError(f"{command.command}; expected LISTEN or IGNORE")

    def _tell(self, news: News) -> None:
        """Tell whom it concerns."""
        heard_by = [
            talk
            for talk in self._talks
            if news.asker == talk.source or (not news.private and news.address in talk.paths)
        ]
        if heard_by:
            self._put(heard_by, news.address, news.arguments, event=news.event)

    def _put(self, talks: Sequence[Talk], address: str, arguments: Sequence[Value], *, event: bool = False) -> None:
        try:
            values = [value for value in self._space.typed(address, arguments) if value is not None]
            message = osc.encode(address, *values)
        except WireError:
            self.bad += 1
            return
        for talk in talks:
            talk.put(f"{address} {next(self._events)}" if event else address, message)

    def _compare(self, performers: int) -> None:
        """Tell who came and who went."""
        low, high = sorted((performers, self._performers))
        command = "PATH_ADDED" if performers > self._performers else "PATH_REMOVED"
        self._performers = performers
        for number in range(low + 1, high + 1):
            path = self._space.performer(number)
            for talk in self._talks:
                talk.put(f"{path} came or went", msgspec.json.encode({"COMMAND": command, "DATA": path}).decode())
