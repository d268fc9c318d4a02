"""Pictures as files, JPEG and PNG, without holding the interpreter while they are compressed."""

import io
import tempfile

from PIL import Image

QUALITY = 85
"""Of JPEG: edges of figures stay clean, at a third of the size of 95."""

EFFORT = 1
"""Of PNG: the fastest; drawings compress well even so."""


class Jpeg:
    """Compresses pictures one after the other; of one thread, and whoever makes it closes it.

    They go through a file without a name: only into a real one does Pillow compress JPEG without the interpreter, which
    a frame's deadline would wait for otherwise, 6 ms for 1920 x 1080.
    """

    def __init__(self, quality: int = QUALITY) -> None:
        self._quality = quality
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (`close` does)

    def encode(self, picture: Image.Image) -> bytes:
        """A picture (mode L or RGB) as JPEG."""
        self._file.seek(0)
        picture.save(self._file, "JPEG", quality=self._quality)
        length = self._file.tell()
        self._file.seek(0)
        return self._file.read(length)

    def close(self) -> None:
        """Let the file go; harmless twice."""
        self._file.close()


def png(picture: Image.Image) -> bytes:
    """A picture (mode L or RGB) as PNG."""
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=EFFORT)
    return file.getvalue()
