"""One connection to a broker: how it is made and dropped, how long to wait for the next, and what is said about it."""

import contextlib
import socket
import ssl
import struct
import sys
from collections.abc import Callable

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from engine.controls.quiet import quiet
from engine.controls.topics import Topics
from engine.schema.errors import ConfigError
from engine.schema.show import Mqtt

KEEPALIVE = 3
"""Seconds; a broker gives up an engine that has lost its power after one and a half times this."""

PATIENCE = 2.0
"""Seconds that an answer may take; then the connection is dropped."""

REACH = 1.0
"""Seconds that reaching a broker may take; a show that ends meanwhile waits as long."""

TOO_LONG = 2**16
"""Bytes; the broker keeps longer messages for itself."""

WAITING = 256
"""Messages from the broker that wait; the engine takes no more in one frame."""

SHORTEST, LONGEST = 0.4, 3.0
"""Seconds between attempts, at first and at last; drawn between half of this and all of it."""

OPTIONS = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    # What is not out yet when a connection is dropped is lost, where TCP would deliver it minutes later.
    (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)),
)


def pause(failures: int, chance: float) -> float:
    """Seconds to wait after so many failures in a row; `chance` from 0 to 1 keeps many engines from coming at once."""
    return min(LONGEST, SHORTEST * 2.0 ** min(failures, 8)) * (0.5 + 0.5 * chance)


def context(settings: Mqtt) -> ssl.SSLContext | None:
    """What TLS trusts; None where it is not asked for.

    Raises:
        ConfigError: `mqtt.ca` is no file of certificates.
    """
    if not settings.tls:
        return None
    try:
        return ssl.create_default_context(cafile=settings.ca)
    except OSError as error:
        raise ConfigError("mqtt.ca", f"{settings.ca}: {error}", "a file of certificates (PEM)") from error


def make_client(settings: Mqtt, topics: Topics, tls: ssl.SSLContext | None) -> aiomqtt.Client:
    """A client that is not connected yet."""
    limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    limits.MaximumPacketSize = TOO_LONG
    client = aiomqtt.Client(
        settings.host,
        settings.port,
        username=settings.user,
        password=settings.password,
        logger=quiet("mqtt"),
        identifier=settings.client_id or topics.base.replace("/", "-"),
        protocol=aiomqtt.ProtocolVersion.V5,
        will=aiomqtt.Will(topics.status, "offline", 1, retain=True),
        timeout=PATIENCE,
        keepalive=KEEPALIVE,
        clean_start=True,
        max_queued_incoming_messages=WAITING,
        properties=limits,
        tls_context=tls,
        socket_options=OPTIONS,
    )
    client._client.connect_timeout = REACH  # noqa: SLF001 (no other way; 5 s otherwise)
    return client


def hang_up(client: aiomqtt.Client) -> None:
    """Drop the connection where there still is one; the client then puts itself away."""
    connection = client._client.socket()  # noqa: SLF001 (its own farewell waits for a broker that may hang)
    if isinstance(connection, socket.socket):
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


class Voice:
    """Says each kind of trouble once, and once that it is over."""

    def __init__(self, name: str, say: Callable[[str], None]) -> None:
        self._name = name
        self._say = say
        self._said: set[str] = set()

    def trouble(self, what: str) -> None:
        """There is this trouble."""
        if what not in self._said:
            self._said.add(what)
            self._say(f"{self._name}: {what}")

    def well(self) -> None:
        """There is none any more."""
        if self._said:
            self._said.clear()
            self._say(f"{self._name}: connected")
