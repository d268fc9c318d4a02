"""Give a model file today's declaration of its body: `tools/renew_body.py engine/models/dance.onnx`.

A model keeps the skeleton that it was exported with. Where that is the body of 20 joints, its declaration is renewed
(hinges and the like); graph and arrays stay as they are, byte for byte.
"""

import sys
from pathlib import Path

import msgspec
import onnx

from engine.inference import vet
from engine.motion.core20 import CORE20
from engine.schema.model import SPEC_KEY, ModelSpec
from export import whole


def renew(path: Path) -> None:
    """Rewrite the description of a model file, whole or not at all.

    Raises:
        ModelError: no such model.
        ValueError: it moves another body.
    """
    spec = vet.load(path).spec
    whole.write(path, described(path.read_bytes(), renewed(spec)))
    vet.load(path)


def renewed(spec: ModelSpec) -> ModelSpec:
    """The same description with today's body of 20 joints; lengths, tree and contacts must be those it had."""
    skeleton = spec.skeleton
    if skeleton is None or msgspec.structs.replace(CORE20, hinges=skeleton.hinges) != skeleton:
        raise ValueError(f"{spec.name} does not move the body of 20 joints")
    return msgspec.structs.replace(spec, skeleton=CORE20)


def described(file: bytes, spec: ModelSpec) -> bytes:
    """A model file with another description."""
    model = onnx.load_from_string(file)
    for entry in model.metadata_props:
        if entry.key == SPEC_KEY:
            entry.value = msgspec.json.encode(spec).decode()
    return bytes(model.SerializeToString())


if __name__ == "__main__":
    for name in sys.argv[1:]:
        renew(Path(name))
