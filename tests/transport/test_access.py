"""Where a show listens and whom it admits."""

import pytest

from engine.schema.errors import TransportError
from engine.transport.access import admit, check, is_loopback, is_near, places


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
    assert tuple(place.host for place in places(listen)) == expected


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("127.0.0.1", [("127.0.0.1", ("127.0.0.7",))]),
        ("192.0.2.1", [("127.0.0.1", ()), ("192.0.2.1", ("127.0.0.7",))]),
    ],
)
def test_who_is_allowed_is_so_where_it_was_asked_to_listen(listen: str, expected: object) -> None:
    assert [*places(listen, ["127.0.0.7"])] == expected


@pytest.mark.parametrize(
    ("listen", "allow", "complaint"),
    [
        ("127.0.0.1", ["192.168.1.0/240"], "listen at 127.0.0.1: '192.168.1.0/240' does not appear to be"),
        ("192.0.2.1", ["stage"], "listen at 192.0.2.1: 'stage' does not appear to be"),
        ("192.0.2.1", [], "listen at 192.0.2.1: nobody who may send"),
        ("0.0.0.0", ["192.168.1.0/24"], "listen at 0.0.0.0: every interface"),  # noqa: S104 - refused
        ("a..b", ["192.168.1.0/24"], "a..b:0: a host that does not resolve"),
    ],
)
def test_what_makes_no_sense_is_told_before_anybody_listens(listen: str, allow: list[str], complaint: str) -> None:
    with pytest.raises(TransportError) as caught:
        check(listen, allow)
    assert str(caught.value).startswith(complaint)


def test_an_address_that_this_machine_has_not_now_makes_sense() -> None:
    check("192.0.2.1", ["192.0.2.0/24"])


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


@pytest.mark.parametrize(
    "origin",
    [
        "//localhost:9102",
        "//127.0.0.1",
        "//[::1]:9102",
        "//192.0.2.1:9102",
        "http://localhost",
        "http://localhost:3000",
        "https://127.0.0.1:8080",
        "http://[::1]:80",
        "http://192.0.2.1:9102",
    ],
)
def test_a_page_of_this_machine_may(origin: str) -> None:
    assert is_near(origin, "192.0.2.1")


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://evil.example:9102",
        "http://192.0.2.2",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.example",
        "//evil.example:9102",
        "//stage.local",
        "//",
        "null",
        "",
        "file://",
        "http://[broken",
    ],
)
def test_a_strangers_page_may_not(origin: str) -> None:
    assert not is_near(origin, "192.0.2.1")
