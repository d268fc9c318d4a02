"""What a model's file holds: how many numbers, in how many bytes, and how much of it a step reads."""

from typing import NamedTuple

from engine.contracts import Loaded
from engine.inference.proto import Budget, Message
from engine.schema.model import Head

WIDTHS = {1: 4, 2: 1, 3: 1, 10: 2, 16: 2}
"""Bytes of the elements of TensorProto.DataType that weights are made of: float32, 8 bits, float16, bfloat16."""

ROWS = ("head.rows.weight", "head.rows.codes", "head.rows.scale")
"""Begin the names of the rows of all components in a lazy head, one component's behind the other's."""

FLOAT32 = 4
"""Bytes."""


class Inventory(NamedTuple):
    """Weights of a model.

    Attributes:
        numbers: how many, those of all components of the head among them.
        bytes: that they take in the file.
        rows: of these bytes, the rows of the head's components where a step reads those of the chosen ones alone.
        components: of the head.
    """

    numbers: int
    bytes: int
    rows: int
    components: int

    def reads(self, batch: int) -> int:
        """Bytes that a step of so many performers reads, whose components are taken as all equally likely."""
        missed = (1.0 - 1.0 / self.components) ** batch
        return round(self.bytes - self.rows * missed)

    @property
    def width(self) -> int:
        """Bytes of most numbers: 4, 2 or 1; biases stay float32."""
        return round(self.bytes / self.numbers)

    @property
    def full(self) -> int:
        """Bytes of everything in float32."""
        return FLOAT32 * self.numbers

    def flops(self, batch: int) -> int:
        """Multiplications and additions of a step that computes all components."""
        return 2 * self.numbers * batch


def inventory(loaded: Loaded) -> Inventory:
    """Look into a vetted model."""
    head: Head = loaded.spec.head
    (graph,) = Message(memoryview(loaded.graph), Budget()).messages(7)
    numbers = size = rows = 0
    for tensor in graph.messages(5):
        width = WIDTHS.get(next(iter(tensor.numbers(2)), 0))
        if width is None:
            continue
        count = 1
        for axis in tensor.numbers(1):
            count *= axis
        numbers, size = numbers + count, size + count * width
        if any(name.startswith(ROWS) for name in tensor.texts(8)):
            rows += count * width
    return Inventory(numbers, size, rows, head.components)
