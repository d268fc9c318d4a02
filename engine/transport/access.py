"""Where a show can be reached, and by whom: the same rule for every socket that listens."""

import errno
import socket
from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from engine.schema.errors import TransportError
from engine.transport.link import Address

LOOPBACK = "127.0.0.1"


class Place(NamedTuple):
    """An address that is listened at, and the addresses and networks that may send there; none: see `admit`."""

    host: str
    allow: tuple[str, ...]


Admits = Callable[[str], bool]
"""Tells whether a host, as an address in text, may be heard."""


def resolve(host: str, port: int, *, lowest: int = 1) -> tuple[int, Address]:
    """Address family and address of a host and a port; where a name has both, IPv4.

    Raises:
        TransportError: it has none.
    """
    place = f"{host}:{port}"
    if not lowest <= port < 2**16:
        raise TransportError(place, f"port {port}", f"{lowest} to 65535")
    try:
        found = socket.getaddrinfo(host or "?", port, type=socket.SOCK_DGRAM)
    except (OSError, ValueError) as error:  # ValueError: a name that DNS cannot carry
        raise TransportError(place, "a host that does not resolve", "an address or a known name") from error
    family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, address


@lru_cache(maxsize=256)  # asked for every datagram, and 2 us otherwise
def is_loopback(address: str) -> bool:
    """Whether an address in text is this machine's own, which no other can reach."""
    return ip_address(address.partition("%")[0]).is_loopback


def is_near(origin: str, host: str) -> bool:
    """Whether an origin, or a `//host:port`, means this machine, which was reached at `host`.

    Only addresses count: a stranger's name can be made to lead here, and what a browser loads there then counts as
    this show's own (DNS rebinding).
    """
    try:
        name = urlsplit(origin).hostname or ""
        return name in ("localhost", host) or is_loopback(str(ip_address(name)))
    except ValueError:
        return False


def places(listen: str, allow: Sequence[str] = ()) -> tuple[Place, ...]:
    """Where a show listens: on loopback, and at `listen` too where that is somewhere else; `allow` is for `listen`.

    Raises:
        TransportError: there is no such host.
    """
    named = Place(listen, tuple(allow))
    return (named,) if is_loopback(_address(listen)) else (Place(LOOPBACK, ()), named)


def check(listen: str, allow: Sequence[str]) -> None:
    """Whether it makes sense to listen there for these; not whether the system lets anybody do so now.

    Raises:
        TransportError: as for `places` and `admit`.
    """
    for host, allowed in places(listen, allow):
        admit(f"listen at {host}", _address(host), allowed)


def _address(host: str) -> str:
    """The address of a host, in text."""
    return str(resolve(host, 0, lowest=0)[1][0])


def admit(place: str, local: str, allow: Sequence[str]) -> Admits:
    """Tells who may be heard at the address `local`: those of `allow`; on loopback none means this machine.

    Its programs send from 127.0.0.1, or from the address that they send to; others of 127.0.0.0/8 are strangers.

    Args:
        place: where it is said, for errors.
        local: that is listened at.
        allow: addresses and networks.

    Raises:
        TransportError: `local` is all interfaces, an entry is no network, or nobody is allowed away from loopback.
    """
    if ip_address(local.partition("%")[0]).is_unspecified:
        raise TransportError(place, "every interface", "the address of one", "name the one that faces the stage")
    if not allow and not is_loopback(local):
        raise TransportError(place, "nobody who may send", "some addresses or networks", "such as '192.168.1.0/24'")
    try:
        networks = [ip_network(entry, strict=False) for entry in allow or (LOOPBACK, local)]
    except ValueError as error:
        raise TransportError(place, str(error), "addresses or networks such as '192.168.1.0/24'") from error

    @lru_cache(maxsize=256)
    def admits(host: str) -> bool:
        source = ip_address(host.partition("%")[0])
        return any(source in network for network in networks)

    return admits


def unbindable(place: str, error: OSError) -> TransportError:
    """What is said of a socket that the system does not let listen at a place."""
    if error.errno == errno.EADDRINUSE:
        hint = "is another engine running? end it, or choose another port"
        return TransportError(place, "a port that another program listens to", "a free one", hint)
    return TransportError(place, str(error), "an address of this machine and a port that may be used")
