"""MIDI files byte by byte, so that they can be as broken as a test wants."""

import struct
from collections.abc import Sequence
from pathlib import Path

END = b"\x00\xff\x2f\x00"
TICKS = 480
QUARTER = 500_000_000
"""Nanoseconds of a quarter note without a tempo."""


def number(value: int) -> bytes:
    """A number of variable length."""
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.append(value & 0x7F | 0x80)
    return bytes(reversed(parts))


def chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack(">L", len(body)) + body


def message(delta: int, *data: int) -> bytes:
    return number(delta) + bytes(data)


def on(delta: int, key: int, velocity: int = 64, channel: int = 1) -> bytes:
    return message(delta, 0x90 | channel - 1, key, velocity)


def off(delta: int, key: int, channel: int = 1) -> bytes:
    return message(delta, 0x80 | channel - 1, key, 0)


def pedal(delta: int, value: int, channel: int = 1) -> bytes:
    return message(delta, 0xB0 | channel - 1, 64, value)


def meta(delta: int, kind: int, data: bytes = b"") -> bytes:
    return number(delta) + bytes((0xFF, kind)) + number(len(data)) + data


def tempo(delta: int, microseconds: int) -> bytes:
    return meta(delta, 0x51, microseconds.to_bytes(3))


def file(*tracks: bytes, kind: int = 1, division: int = TICKS, count: int | None = None) -> bytes:
    head = struct.pack(">HHH", kind, len(tracks) if count is None else count, division)
    return chunk(b"MThd", head) + b"".join(chunk(b"MTrk", track + END) for track in tracks)


def scale(keys: Sequence[int], velocity: int = 64, length: int = TICKS) -> bytes:
    """One key after the other."""
    return b"".join(on(0, key, velocity) + off(length, key) for key in keys)


def save(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
