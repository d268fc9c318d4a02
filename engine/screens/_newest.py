"""The newest picture of a stream, made into what is asked for once, however many ask."""

from functools import cached_property

from engine.images.jpeg import Jpeg, png
from engine.images.look import Look
from engine.schema.frame import U8

BOUNDARY = "frame"


class Newest:
    """A picture as it is sent; of one thread.

    Args:
        pixels: (H, W), which stays as it is while this is asked.
        sequence: number of the frame.
        milliseconds: since the start of the show.
        look: what is made of it.
        compressor: of JPEG.
    """

    def __init__(self, pixels: U8, sequence: int, milliseconds: int, *, look: Look, compressor: Jpeg) -> None:
        self._pixels, self._look, self._compressor = pixels, look, compressor
        self._sequence, self._milliseconds = sequence, milliseconds

    @cached_property
    def jpeg(self) -> bytes:
        """It as JPEG."""
        return self._compressor.encode(self._look.picture(self._pixels))

    @cached_property
    def png(self) -> bytes:
        """It as PNG."""
        return png(self._look.picture(self._pixels))

    @cached_property
    def part(self) -> bytes:
        """It as a part of a stream, up to and with the border after it.

        A browser shows a part when it sees the border, which would otherwise come with the next picture only.
        """
        fields = {
            "Content-Type": "image/jpeg",
            "Content-Length": str(len(self.jpeg)),
            "X-Sequence": str(self._sequence),
            "X-Timestamp": f"{self._milliseconds / 1000:.3f}",
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return b"%b\r\n%b\r\n--%b\r\n" % (head.encode(), self.jpeg, BOUNDARY.encode())
