"""Receivers that ask for themselves while a show plays: `/engine/subscribe`, for half a minute at a time."""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Generic, NamedTuple, Protocol, TypeVar
from urllib.parse import parse_qsl

from msgspec.structs import fields

from engine.controls.letter import Source
from engine.receivers import Context, Kinds, from_url
from engine.runtime.clock import Clock
from engine.runtime.commands import Command, Commands
from engine.runtime.ticker import SECOND
from engine.schema.errors import ConfigError, EngineError
from engine.schema.show import Output
from engine.values import is_file
from engine.wire.decode import Value

LEASE_NS = 30 * SECOND
"""After which a guest that has not asked again is gone."""

MOST = 32
"""Guests at a time."""

LONGEST = 200
"""Characters of a profile."""

ECHO = ("", "control")
"""Profiles of those who get values and no frames."""

TELLING = "native"
"""Protocol whose frames tell what happens, such as a sign that was recognised, as the echo would."""

Destination = tuple[str, int]


class Wish(NamedTuple):
    """What a guest asked for; by the same words it renews its lease.

    Attributes:
        host: an address.
        port: UDP.
        profile: a protocol and its options, as in a receiver's URL; one of `ECHO` for values alone.
    """

    host: str
    port: int
    profile: str


class Served(Protocol):
    """What sends to a guest."""

    def close(self) -> None:
        """Close its sockets; harmless twice."""
        ...


G = TypeVar("G", bound=Served)


class Lease(Generic[G]):
    """A guest.

    Attributes:
        until: when it ends, ns.
        here: whether it gets something already.
        broken: whether its target could not be made.
        target: sends to it; None where it gets no frames.
    """

    def __init__(self, until: int, *, here: bool) -> None:
        self.until, self.here, self.broken = until, here, False
        self.target: G | None = None


class Guests(Generic[G]):
    """Who has subscribed.

    The frame thread alone changes who is here; sockets are opened and closed by errands.

    Args:
        make: makes the target of a receiver; takes its time.
        kinds: the protocols, each with what can be asked of it.
        clock: the time.
        commands: done in the frame thread.
        errands: done in a thread that may take its time.
        add_target: has a target get frames, in the frame thread.
        drop_target: the opposite.
        ours: where the show itself hears requests; frames sent there would come back as such.

    Attributes:
        destinations: host and port of everybody who is here; any thread may read it.
        framed: of those of them whom frames tell what happens; likewise.
        clients: how many are here.
    """

    def __init__(
        self,
        make: Callable[[Output], G],
        *,
        kinds: Kinds,
        clock: Clock,
        commands: Commands,
        errands: Commands,
        add_target: Callable[[G], object],
        drop_target: Callable[[G], object],
        ours: Collection[Destination] = (),
    ) -> None:
        self._make, self._kinds, self._clock, self._ours = make, kinds, clock, ours
        self._commands, self._errands = commands, errands
        self._add_target, self._drop_target = add_target, drop_target
        self._leases: dict[Wish, Lease[G]] = {}
        self.destinations: tuple[Destination, ...] = ()
        self.framed: tuple[Destination, ...] = ()
        self.clients = 0

    def subscribe(self, arguments: Sequence[Value], source: Source) -> Command:
        """Read who wants to be let in, or to stay; in the frame thread.

        Args:
            arguments: host, port and profile. No host, or the sender's own; on this machine any of its loopback.
            source: who asks.

        Returns:
            What lets it in, in the frame thread; what takes time is left to an errand.

        Raises:
            ValueError: they make no sense, or there is no room; the call may raise it too.
        """
        wish = self._understand(arguments, source)
        lease = self._leases.get(wish)
        if lease is None and len(self._leases) >= MOST:
            raise _crowded()
        if lease is not None and lease.broken:
            raise ValueError(f"{wish.profile!r} cannot be had")
        return partial(self._welcome, wish)

    def sweep(self) -> None:
        """Let those go whose time is up; in the thread of the errands."""
        now = self._clock.now_ns()
        for wish, lease in [*self._leases.items()]:
            if lease.until <= now:
                self._commands.add(partial(self._leave, wish, lease))

    def close(self) -> None:
        """Close what guests still have open, when the show is over; harmless twice."""
        for lease in [*self._leases.values()]:
            if lease.target is not None:
                lease.target.close()

    def _understand(self, arguments: Sequence[Value], source: Source) -> Wish:
        match arguments:
            case [str(host), int() | float() as port, str(profile)] if not isinstance(port, bool):
                wish = Wish(_address(host, source), _port(port), profile)
            case _:
                raise ValueError(f"{tuple(arguments)}; expected host, port and profile")
        if (wish.host, wish.port) in self._ours:
            raise ValueError(f"port {port}; expected another one than this show's own")
        kind, _, _ = profile.partition("?")
        if len(profile) > LONGEST or (profile not in ECHO and kind not in self._kinds):
            raise ValueError(f"profile {profile[:LONGEST]!r}; expected control, {', '.join(self._kinds)}")
        return wish

    def _welcome(self, wish: Wish) -> None:
        until = self._clock.now_ns() + LEASE_NS
        if (lease := self._leases.get(wish)) is not None:
            lease.until = until
            return
        lease = Lease(until, here=wish.profile in ECHO)
        if len(self._leases) >= MOST or not (lease.here or self._errands.add(partial(self._prepare, wish, lease))):
            raise _crowded()
        self._leases[wish] = lease
        self._count()

    def _prepare(self, wish: Wish, lease: Lease[G]) -> None:
        """Make what sends to a guest; an errand."""
        try:
            target = self._make(_receiver(wish, self._kinds))
        except EngineError:
            lease.broken = True
            raise
        if not self._commands.add(partial(self._enter, wish, lease, target)):
            lease.broken = True
            target.close()

    def _enter(self, wish: Wish, lease: Lease[G], target: G) -> None:
        if self._leases.get(wish) is not lease:  # its time was up before
            self._errands.add(target.close)
            return
        lease.target, lease.here = target, True
        self._add_target(target)
        self._count()

    def _leave(self, wish: Wish, lease: Lease[G]) -> None:
        if self._leases.get(wish) is not lease or lease.until > self._clock.now_ns():  # it has asked again meanwhile
            return
        del self._leases[wish]
        self._count()
        if lease.target is not None:
            self._drop_target(lease.target)
            self._errands.add(lease.target.close)

    def _count(self) -> None:
        here = [wish for wish, lease in self._leases.items() if lease.here]
        self.destinations = tuple(dict.fromkeys((wish.host, wish.port) for wish in here))
        telling = [wish for wish in here if wish.profile.partition("?")[0] == TELLING]
        self.framed = tuple(dict.fromkeys((wish.host, wish.port) for wish in telling))
        self.clients = len(here)


def _crowded() -> ValueError:
    return ValueError(f"one more guest; expected at most {MOST}")


def _address(host: str, source: Source) -> str:
    """Where a sender may have something sent to: itself.

    Raises:
        ValueError: somewhere else, or a name.
    """
    own = ip_address(source.host)
    asked = own if host == "" else ip_address(host)
    if asked != own and not (asked.is_loopback and own.is_loopback):
        raise ValueError(f"host {host!r}; expected the sender's own, {own}")
    return str(asked)


def _port(number: float) -> int:
    if not 0 < number < 2**16 or number != int(number):
        raise ValueError(f"port {number}; expected 1 to 65535")
    return int(number)


def _receiver(wish: Wish, kinds: Kinds) -> Output:
    """A guest as a receiver is written.

    Raises:
        ConfigError: its options are none, or name a file.
    """
    kind, _, query = wish.profile.partition("?")
    files = {field.name for field in fields(kinds[kind]) if is_file(field.type)}
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key in files:
            raise ConfigError(f"subscribe: {key}", repr(value), "no file: guests name none")
    host = f"[{wish.host}]" if ":" in wish.host else wish.host
    return from_url(f"{kind}://{host}:{wish.port}?{query}", Context("subscribe", Path(), kinds, Output))
