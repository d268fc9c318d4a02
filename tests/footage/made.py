"""Small footage: pictures whose brightness says which they are."""

import gzip
import struct
import zlib
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from engine.schema.frame import U8


def flat(grey: int, rows: int = 24, columns: int = 32) -> U8:
    return np.full((rows, columns), grey, np.uint8)


def png(path: Path, grey: int, rows: int = 24, columns: int = 32) -> Path:
    Image.fromarray(flat(grey, rows, columns)).save(path)
    return path


def film(
    path: Path, greys: Sequence[int], *, fps: int = 10, shape: tuple[int, int] = (48, 64), codec: str = "mpeg4"
) -> Path:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, Fraction(fps))
        stream.height, stream.width = shape
        stream.pix_fmt = "yuv420p"
        stream.options = {"qscale": "2"}
        container.start_encoding()
        for grey in greys:
            picture = np.full((*shape, 3), grey, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode(None))
    return path


def sound(path: Path, codec: str) -> Path:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, 8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def digits(path: Path, pictures: U8, count: int | None = None, magic: int = 0x803) -> Path:
    head = struct.pack(">IIII", magic, len(pictures) if count is None else count, *pictures.shape[1:])
    path.write_bytes(gzip.compress(head + pictures.tobytes()))
    return path


def huge_png(path: Path, side: int = 20_000) -> Path:
    """The beginning of a picture that says it has so many rows and columns."""
    body = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    data = b"IDAT" + zlib.compress(bytes(1000))
    chunk += struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk)
    return path
