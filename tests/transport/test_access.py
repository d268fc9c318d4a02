"""Where a show listens and whom it admits."""

import pytest

from engine.schema.errors import TransportError
from engine.transport.access import admit, is_loopback, places


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("127.0.0.1", ("127.0.0.1",)),
        ("127.0.0.2", ("127.0.0.2",)),
        ("localhost", ("localhost",)),
        ("::1", ("::1",)),
        ("192.0.2.1", ("127.0.0.1", "192.0.2.1")),
        ("0.0.0.0", ("127.0.0.1", "0.0.0.0")),  # noqa: S104 - refused where it is listened at
    ],
)
def test_loopback_is_always_listened_at(listen: str, expected: tuple[str, ...]) -> None:
    assert places(listen) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [("127.0.0.1", True), ("127.8.9.9", True), ("::1", True), ("192.0.2.1", False), ("fe80::1%eth0", False)],
)
def test_loopback_is_recognised(address: str, expected: bool) -> None:  # noqa: FBT001
    assert is_loopback(address) is expected


def test_addresses_and_networks_are_admitted() -> None:
    admits = admit("here", "192.0.2.1", ["10.0.0.7", "192.168.1.0/24", "fd00::/64"])
    hosts = ("10.0.0.7", "10.0.0.8", "192.168.1.9", "192.168.2.9", "fd00::5%eth0", "127.0.0.1")
    assert [admits(host) for host in hosts] == [True, False, True, False, True, False]


def test_nobody_is_admitted_by_accident() -> None:
    with pytest.raises(TransportError, match="nobody who may send"):
        admit("here", "192.0.2.1", [])
    assert admit("here", "127.0.0.1", [])("127.0.0.1")
    assert not admit("here", "127.0.0.1", [])("192.0.2.1")
