"""Reading a model file that may come from anywhere."""

from pathlib import Path

from engine.contracts import Loaded
from engine.inference import ports
from engine.inference.graph import Refused, Value, inspect
from engine.inference.metadata import pack, unpack
from engine.inference.ports import Port
from engine.inference.proto import Malformed
from engine.schema.errors import ModelError

__all__ = ["load", "pack"]

LIMIT = 256 << 20
"""Bytes of a model file; the largest reference model has 50 MB."""

BEGIN = b"\x08"
"""The key of `ir_version`, which every exporter writes first."""


def load(path: str | Path) -> Loaded:
    """Read a model file and make sure that ONNX Runtime may see it. The family's name is not checked here.

    Raises:
        ModelError: there is no such file, it is no ONNX model or not one of ours, it asks for what a foreign file
            may not have, or its graph is not the one that its description tells of.
    """
    place = str(path)
    graph = _read(Path(path))
    try:
        signature = inspect(graph)
    except Malformed as error:
        found = str(error) if graph.startswith(BEGIN) else "not an ONNX model"
        raise ModelError(place, found, "a whole .onnx model") from error
    except Refused as error:
        raise ModelError(place, str(error), "a plain graph that holds all it needs") from error
    spec, arrays = unpack(place, signature.metadata)
    taken, given = ports.states(spec)
    _match(f"{place}: inputs", signature.inputs, ports.inputs(spec) + taken)
    _match(f"{place}: outputs", signature.outputs, ports.outputs(spec) + given)
    return Loaded(graph, spec, arrays)


def _read(path: Path) -> bytes:
    expected = "a readable .onnx model"
    try:
        size = path.stat().st_size
        if size == 0 or size > LIMIT:
            raise ModelError(str(path), f"{size} bytes", f"an .onnx model of at most {LIMIT} bytes")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise ModelError(str(path), getattr(error, "strerror", None) or str(error), expected) from error


def _match(place: str, found: dict[str, Value], expected: list[Port]) -> None:
    names = [port.name for port in expected]
    if sorted(names) != sorted(found):
        raise ModelError(place, ", ".join(sorted(found)) or "none", ", ".join(sorted(names)))
    for port in expected:
        value = Value(port.dtype, tuple(None if size == -1 else size for size in port.shape))
        if not _fits(found[port.name], value):
            raise ModelError(f"{place}: {port.name}", str(found[port.name]), str(value))


def _fits(found: Value, expected: Value) -> bool:
    """Whether a value of the graph can be bound; an axis that the graph leaves open is settled by a first step."""
    if found.dtype != expected.dtype or len(found.shape) != len(expected.shape):
        return False
    return all(have is None or have == want for have, want in zip(found.shape, expected.shape, strict=True))
