"""What the kernel says about a link."""

import socket
import sys

import pytest

from engine.transport.link import backlog, carrier, departure

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")


@linux
def test_the_kernel_is_asked_how_much_waits() -> None:
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with left, right:
        assert backlog(left.fileno()) == 0
        left.send(b"not read yet")
        assert backlog(left.fileno()) > 0
        right.recv(99)
        assert backlog(left.fileno()) == 0


def test_loopback_has_a_carrier() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        assert carrier("127.0.0.1")(asking.fileno())


def test_an_address_that_no_interface_has_is_taken_to_have_one() -> None:
    assert carrier("192.0.2.1")(-1)


def test_the_way_to_loopback_leaves_from_loopback() -> None:
    assert departure(socket.AF_INET, ("127.0.0.1", 9)) == "127.0.0.1"


def test_a_way_that_is_not_there_leaves_from_nowhere() -> None:
    assert departure(socket.AF_INET6, ("127.0.0.1", 9)) == ""
