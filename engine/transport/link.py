"""What Linux tells about the link that a socket sends over; elsewhere it is taken to be up and idle."""

import socket
import sys
from collections.abc import Callable

Address = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
"""What `socket.getaddrinfo` calls an address: IPv4, IPv6, and raw bytes where Python was built without IPv6."""

if sys.platform == "linux":
    import fcntl
    import struct
    import termios

    _GET_ADDRESS, _GET_FLAGS = 0x8915, 0x8913  # SIOCGIFADDR, SIOCGIFFLAGS of linux/sockios.h
    _NOTHING = bytes(4)
    _RUNNING = 0x40  # IFF_RUNNING of linux/if.h: up, and with a carrier
    _NAME = struct.Struct("16s24x")  # struct ifreq: a name and what is asked for
    _FLAGS = struct.Struct("=16xH")
    _MEMORY = 55  # SO_MEMINFO of asm-generic/socket.h
    _DROPS = struct.Struct("=32xI")  # SK_MEMINFO_DROPS of linux/sock_diag.h, behind eight others

    def backlog(handle: int) -> int:
        """Bytes that the kernel has taken from this socket and not yet given to the link."""
        return int.from_bytes(fcntl.ioctl(handle, termios.TIOCOUTQ, _NOTHING), sys.byteorder)

    def dropped(listening: socket.socket) -> int:
        """Datagrams that came in for this socket since the start and found no room; 0 when it is closed."""
        try:
            return int(_DROPS.unpack(listening.getsockopt(socket.SOL_SOCKET, _MEMORY, _DROPS.size))[0])
        except (OSError, struct.error):  # closed, or a kernel before 4.12
            return 0

    def carrier(local: str) -> Callable[[int], bool]:
        """Tells, asked with any socket's handle, whether the interface with the IPv4 address `local` has a carrier.

        One that cannot be found, or that goes away, is taken to have one.
        """
        name = _interface(local)
        if name is None or name == "lo":
            return lambda _: True
        request = bytearray(_NAME.pack(name.encode()))

        def running(handle: int) -> bool:
            try:
                fcntl.ioctl(handle, _GET_FLAGS, request)
            except OSError:
                return True
            return bool(_FLAGS.unpack_from(request)[0] & _RUNNING)

        return running

    def _interface(local: str) -> str | None:
        """The interface whose first IPv4 address this is."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            for _, name in socket.if_nameindex():
                try:
                    answer = fcntl.ioctl(asking.fileno(), _GET_ADDRESS, _NAME.pack(name.encode()))
                except OSError:  # it has none
                    continue
                if socket.inet_ntoa(answer[20:24]) == local:
                    return name
        return None

else:

    def backlog(handle: int) -> int:  # noqa: ARG001 - one signature on every system
        """Always 0: only Linux tells how much of a socket's data waits for the link."""
        return 0

    def dropped(listening: socket.socket) -> int:  # noqa: ARG001 - one signature on every system
        """Always 0: only Linux tells."""
        return 0

    def carrier(local: str) -> Callable[[int], bool]:  # noqa: ARG001 - one signature on every system
        """Always yes: only Linux is asked."""
        return lambda _: True


def departure(family: int, target: Address) -> str:
    """The local address that datagrams to `target` leave from; nothing where there is no way to it yet."""
    with socket.socket(family, socket.SOCK_DGRAM) as trying:
        try:
            trying.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            trying.connect(target)  # sends nothing: UDP only looks up the route
        except OSError:
            return ""
        return str(trying.getsockname()[0])
