"""Tells the network that there is an OSCQuery server: `_oscjson._tcp` by zeroconf, on one interface alone."""

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address

from zeroconf import Error, IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from engine.contracts import Status
from engine.controls.news import News
from engine.schema.errors import TransportError
from engine.transport.access import resolve

SERVICE = "_oscjson._tcp.local."


class Announcement:
    """A client of the desk that announces and says goodbye.

    Args:
        name: of the server, for people.
        listen: the address that is announced, and whose network is told.
        port: TCP.
    """

    def __init__(self, *, name: str, listen: str, port: int) -> None:
        self._name, self._listen, self._port = name, listen, port

    async def run(self) -> None:
        """Announce until it is cancelled.

        Raises:
            TransportError: the network cannot be told.
        """
        address = ip_address(str(resolve(self._listen, self._port)[1][0]).partition("%")[0])
        version = IPVersion.V4Only if address.version == 4 else IPVersion.V6Only
        service = AsyncServiceInfo(
            SERVICE,
            f"{self._name}.{SERVICE}",
            addresses=[address.packed],
            port=self._port,
            properties={"txtvers": "1"},
            # A name of its own, as the machine has announced its own one; few resolvers know names with spaces.
            server=f"{self._name}-{self._port}.local.".replace(" ", "-"),
        )
        try:
            async with AsyncZeroconf(interfaces=[str(address)], ip_version=version) as network:
                await network.async_register_service(service, allow_name_change=True)
                await asyncio.Event().wait()  # what is registered is taken back at the end of the block
        except (OSError, Error) as error:
            place = f"{SERVICE} at {self._listen}"
            raise TransportError(place, str(error) or type(error).__name__, "a network that can be told") from error

    def hear(self, news: Sequence[News]) -> None:
        """Nothing."""

    def report(self, status: Status) -> None:
        """Nothing."""
