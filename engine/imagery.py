"""The contracts of pictures: what makes them, and what shows them."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from engine.contracts import Counters
from engine.schema.controls import Controls
from engine.schema.frame import F32, U8, Image
from engine.schema.model import ModelSpec

MOST_LATENTS = 256
"""Latent numbers that a picture may have: with types and the longest address 1360 bytes, within a datagram."""


class Imagery(Protocol):
    """Plays a model whose frames are pictures; a family whose module is for `images`.

    The same seed, controls and given pictures, in the same frames, give the same pictures on the same build. Nothing in
    it reads a clock, a file or a socket.

    Attributes:
        spec: of the model; its `image` says H and W.
        poses: how many stored poses can be gone to; 0: none.
        takes: whether it can be given pictures; one that cannot leaves them unseen.
    """

    spec: ModelSpec
    poses: int
    takes: bool

    @property
    def provider(self) -> str:
        """What the model runs on now, and why not on what was asked for; for a person to read."""
        ...

    @property
    def counters(self) -> Counters:
        """What happened up to now, `restart` or not."""
        ...

    def advance(self, controls: Controls, given: U8 | None) -> None:
        """Compute the model's next frame.

        Args:
            controls: how it plays.
            given: (H, W) a picture from outside that it takes as what was seen last; None: it goes on from its own.
        """
        ...

    def image(self, phase: float, controls: Controls, given: U8 | None = None) -> Image:
        """The picture at `phase` of the way, 0 to 1, from the frame before the last one to the last one.

        The arrays belong to the family and are overwritten by the next call.

        Args:
            phase: of the way.
            controls: how it plays; what they only show is shown at once.
            given: (H, W) the newest picture from outside, for a model that shows what it is given, in step with it.
        """
        ...

    def state(self) -> tuple[F32, ...]:
        """Copies of the state tensors, in the order of `spec.state`, after the model's last frame."""
        ...

    def hidden(self, numbers: Sequence[int]) -> Sequence[F32]:
        """The state tensors with these numbers as they are now: views that the model's next frame may overwrite."""
        ...

    def reseed(self, seed: int) -> None:
        """Go on with other noise."""
        ...

    def restart(self, seed: int) -> None:
        """Begin anew with this noise, from a stored moment that it chooses, as one that was just made."""
        ...

    def close(self) -> None:
        """Give memory and device back; harmless twice."""
        ...


class Shown(NamedTuple):
    """What became of the pictures that a screen was to show.

    Attributes:
        shown: that it took.
        left_out: that a newer one replaced before it had time for them.
        failed: that it could not show.
    """

    shown: int = 0
    left_out: int = 0
    failed: int = 0


class Screen(Protocol):
    """A way on which pictures leave: a stream for browsers, another program's texture, shared memory.

    One whose receivers are slow leaves pictures out; it never waits for them.
    """

    @property
    def place(self) -> str:
        """Where the pictures can be seen; for a person to read."""
        ...

    @property
    def counters(self) -> Shown:
        """What became of the pictures so far; any thread may ask."""
        ...

    def show(self, image: Image, sequence: int, milliseconds: int) -> None:
        """Show a picture; the frame thread calls it, at the frame's deadline, and the arrays live until the next."""
        ...

    def close(self) -> None:
        """Stop showing; harmless twice."""
        ...
