"""Give a model file today's declaration of its body and its knobs, such as `engine/models/dance.onnx`.

A model keeps what it was exported with. Where its body is that of 20 joints, the declaration is renewed (hinges and the
like), and so is the list of controls; graph and arrays stay as they are, byte for byte.
"""

import argparse
from pathlib import Path

import msgspec
import onnx

from engine.inference import vet
from engine.motion.core20 import CORE20
from engine.schema.controls import MODEL_CONTROLS
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
    """The same description with today's controls and body; its lengths, tree and contacts must be as they were."""
    skeleton = spec.skeleton
    if skeleton is None or msgspec.structs.replace(CORE20, hinges=skeleton.hinges) != skeleton:
        raise ValueError(f"{spec.name} does not move the body of 20 joints")
    return msgspec.structs.replace(spec, skeleton=CORE20, controls=MODEL_CONTROLS)


def described(file: bytes, spec: ModelSpec) -> bytes:
    """A model file with another description."""
    model = onnx.load_from_string(file)
    for entry in model.metadata_props:
        if entry.key == SPEC_KEY:
            entry.value = msgspec.json.encode(spec).decode()
    return bytes(model.SerializeToString())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="+", type=Path)
    for path in parser.parse_args().model:
        renew(path)
