"""All components of a model's mixture under forced inputs, from the very graph that plays.

A lazy head shows one component only. Here the choice becomes an input, and the graph is stepped with one row for each
component; every row has the same input and so the same state.
"""

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper

from engine.contracts import Loaded
from engine.schema.frame import F32

COMPONENT = "component"
LOGITS = "logits"


def teacher_forced(loaded: Loaded, features: F32) -> tuple[F32, F32, F32]:
    """Logits (T, K), mu and sigma (T, K, D) of a model that is shown inputs (T, F), from an empty state on."""
    head = loaded.spec.head
    lazy = head.kind == "mdn-lazy"
    rows = head.components if lazy else 1
    session = _session(_opened(loaded.graph, head.components) if lazy else loaded.graph)
    feeds: dict[str, NDArray[np.generic]] = {}
    if lazy:
        feeds = {name: np.ones((rows, 1), np.float32) for name in ("u", "pi_temperature", "top_p")}
        feeds[COMPONENT] = np.arange(rows)[:, None]
    for tensor in loaded.spec.state:
        feeds[tensor.input] = np.zeros([rows if size == -1 else size for size in tensor.shape], np.float32)
    names = [LOGITS, "mu", "sigma", *[tensor.output for tensor in loaded.spec.state]]
    shape = (len(features), head.components)
    logits = np.empty(shape, np.float32)
    mu, sigma = (np.empty((*shape, head.dims), np.float32) for _ in range(2))
    taken = {entry.name for entry in session.get_inputs()}
    for frame, x in enumerate(features):
        feeds["x"] = np.repeat(x[None], rows, 0)
        found = session.run(names, {name: value for name, value in feeds.items() if name in taken})
        logits[frame], mu[frame], sigma[frame] = found[0][0], found[1], found[2]
        feeds |= {tensor.input: state for tensor, state in zip(loaded.spec.state, found[3:], strict=True)}
    return logits, mu, sigma


def _opened(graph: bytes, components: int) -> bytes:
    """A lazy graph with the chosen component as an input and the logits as an output."""
    model = onnx.load_from_string(graph)
    chooser = next(node for node in model.graph.node if COMPONENT in node.output)
    model.graph.node.remove(chooser)
    model.graph.input.append(helper.make_tensor_value_info(COMPONENT, TensorProto.INT64, ["batch", 1]))
    model.graph.output.remove(next(value for value in model.graph.output if value.name == COMPONENT))
    model.graph.output.append(helper.make_tensor_value_info(LOGITS, TensorProto.FLOAT, ["batch", components]))
    return bytes(model.SerializeToString())


def _session(graph: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
