"""What a graph takes and gives, by the description of the model."""

from typing import NamedTuple

from engine.schema.model import ModelSpec


class Port(NamedTuple):
    """An input or output: name, element type (`float32` or `int64`) and shape, -1 for the batch axis."""

    name: str
    dtype: str
    shape: tuple[int, ...]


def inputs(spec: ModelSpec) -> list[Port]:
    """`x`, and for a lazy head what it chooses with, in the order of `StepModel.step`."""
    if spec.image is not None and spec.head.kind == "frame":
        return [Port("x", "float32", (-1, 1, spec.image.height, spec.image.width))]
    ports = [Port("x", "float32", (-1, spec.features))]
    if spec.head.kind == "mdn-lazy":
        ports += [Port(name, "float32", (-1, 1)) for name in ("u", "pi_temperature", "top_p")]
    return ports


def states(spec: ModelSpec) -> tuple[list[Port], list[Port]]:
    """The state as it goes in and as it comes out, in the order of `spec.state`."""
    taken = [Port(tensor.input, "float32", tensor.shape) for tensor in spec.state]
    given = [Port(tensor.output, "float32", tensor.shape) for tensor in spec.state]
    return taken, given


def outputs(spec: ModelSpec) -> list[Port]:
    """`mu` and `sigma`, then what tells of the choice; of a frame `y` alone, of classes how likely they are."""
    head = spec.head
    if head.kind == "classes":
        return [Port("probabilities", "float32", (-1, head.components))]
    if spec.image is not None and head.kind == "frame":
        return [Port("y", "float32", (-1, 1, spec.image.height, spec.image.width))]
    lazy = head.kind == "mdn-lazy"
    shape = (-1, head.dims) if lazy else (-1, head.components, head.dims)
    choice = Port("component", "int64", (-1, 1)) if lazy else Port("logits", "float32", (-1, head.components))
    return [Port("mu", "float32", shape), Port("sigma", "float32", shape), choice]
