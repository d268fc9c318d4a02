"""What a receiver of a stage hears."""

import re
import struct

from runtime.rig import Rig

from engine.runtime.ticker import SECOND

MS = SECOND // 1000
FRAME = b"/frame\0"
NAMES = b"/skeleton/names\0"
STATE = b"/state/"


def labels(played: Rig, target: int = 0, performer: int = 1) -> list[tuple[int, int]]:
    """Sequence and milliseconds of a performer's frames, as a receiver gets them."""
    mine = b"/p%d/frame\0" % performer
    datagrams = [datagram for datagram in played.senders[target].datagrams if mine in datagram]
    return [struct.unpack_from(">ii", datagram, datagram.index(b",ii\0") + 4) for datagram in datagrams]


def sequences(played: Rig, target: int = 0, performer: int = 1) -> list[int]:
    return [sequence for sequence, _ in labels(played, target, performer)]


def word(datagram: bytes) -> bytes:
    found = re.search(rb"/state/status\0+,s\0\0(\w+)", datagram)
    assert found
    return found[1]
