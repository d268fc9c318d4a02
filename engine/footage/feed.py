"""What a feed of pictures is to those who take from it."""

from typing import Protocol

from engine.schema.frame import U8


class Feed(Protocol):
    """Pictures from outside for a model that takes some; another thread reads them."""

    @property
    def place(self) -> str:
        """Where they come from; for a person to read."""
        ...

    def take(self, frame: int) -> U8 | None:
        """The picture (H, W) for the model's frame of this number, from 0 on; None while there is none.

        A file's pictures begin again after the last one: frame n has the same one every time. A camera gives the
        newest. The frame thread calls it: it never waits, and where a picture is late it gives the last one again.
        Nobody writes into what it gives.
        """
        ...

    def close(self) -> None:
        """Stop reading; harmless twice."""
        ...
