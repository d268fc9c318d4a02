"""The encoder and the decoder of pictures as .onnx files, which lie among the arrays of a model that moves.

Layers are written node by node, so that the graphs hold nothing but what the engine's vetting allows; what is
multiplied is kept in half precision, which is exact for weights that were rounded (`export.nets.latents.folded`).
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper
from torch import Tensor, nn

from engine.inference.onnx_file import IR_VERSION, OPSET, PRODUCER
from engine.schema.errors import ConfigError
from engine.schema.model import Size
from export.nets.vae import Vae

Shape = Sequence[str | int]


class Writer:
    """Collects nodes and constants; each node takes what the last one gave.

    Args:
        name: of the graph's input.
    """

    def __init__(self, name: str) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, NDArray[np.generic]] = {}
        self.source = self.value = name

    def add(self, kind: str, *inputs: str, **attributes: Any) -> None:  # noqa: ANN401 - as they come
        """Add an operator over the last value and constants."""
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, [self.value, *inputs], [name], **attributes))
        self.value = name

    def half(self, tensor: Tensor) -> str:
        """Add a constant that is kept in half precision and widened when the graph is loaded."""
        kept = f"half{len(self.constants)}"
        self.constants[kept] = tensor.detach().cpu().contiguous().numpy().astype(np.float16)
        self.nodes.append(helper.make_node("Cast", [kept], [f"{kept}.wide"], to=TensorProto.FLOAT))
        return f"{kept}.wide"

    def shape(self, sizes: Sequence[int]) -> str:
        """Add whole numbers."""
        name = f"shape{len(self.constants)}"
        self.constants[name] = np.array(sizes, np.int64)
        return name


def decoder(net: Vae, size: Size) -> bytes:
    """`latent (B, D) -> image (B, 1, H, W)`, light from 0 to 1."""
    writer = Writer("latent")
    _layers(writer, net.decoder.children())
    writer.add("Sigmoid")
    return _file(writer, ["B", net.latent], "image", ["B", 1, size.height, size.width])


def encoder(net: Vae, size: Size) -> bytes:
    """`image (B, 1, H, W) -> latent (B, D)`, the means alone."""
    writer = Writer("image")
    layers = list(net.encoder.children())
    _layers(writer, layers[:-1])
    last = net.last
    _dense(writer, last.weight[: net.latent], last.bias[: net.latent])
    return _file(writer, ["B", 1, size.height, size.width], "latent", ["B", net.latent])


def files(net: Vae, size: Size) -> dict[str, NDArray[np.uint8]]:
    """Both, as they lie among a model's arrays."""
    both = {"decoder": decoder(net, size), "encoder": encoder(net, size)}
    return {name: np.frombuffer(data, np.uint8) for name, data in both.items()}


def _layers(writer: Writer, layers: Iterable[nn.Module]) -> None:
    """Write layers of a kind that networks of pictures have."""
    for layer in layers:
        match layer:
            case nn.Conv2d():
                _convolution(writer, layer)
            case nn.Linear():
                _dense(writer, layer.weight, layer.bias)
            case nn.SiLU():
                before = writer.value
                writer.add("Sigmoid")
                writer.add("Mul", before)
            case nn.Flatten():
                writer.add("Flatten")
            case nn.Unflatten():
                writer.add("Reshape", writer.shape([-1, *layer.unflattened_size]))
            case nn.PixelShuffle():
                writer.add("DepthToSpace", blocksize=layer.upscale_factor, mode="CRD")
            case nn.PixelUnshuffle():  # orders channels as ONNX does where there is but one, as in a grey picture
                writer.add("SpaceToDepth", blocksize=layer.downscale_factor)
            case _:
                raise ConfigError("pictures.kind", f"a layer {type(layer).__name__}", "a network that is exported")


def _dense(writer: Writer, weight: Tensor, bias: Tensor) -> None:
    writer.add("Gemm", writer.half(weight.T), writer.half(bias))


def _convolution(writer: Writer, layer: nn.Conv2d) -> None:
    bias = torch.zeros(layer.out_channels) if layer.bias is None else layer.bias
    pads = [int(pad) for pad in layer.padding] * 2
    writer.add("Conv", writer.half(layer.weight), writer.half(bias), pads=pads, strides=list(layer.stride))


def _file(writer: Writer, taken: Shape, name: str, given: Shape) -> bytes:
    """The bytes of a checked graph."""
    writer.nodes.append(helper.make_node("Identity", [writer.value], [name]))
    tensors = [numpy_helper.from_array(value, label) for label, value in writer.constants.items()]
    ends = [
        helper.make_tensor_value_info(label, TensorProto.FLOAT, list(shape))
        for label, shape in ((writer.source, taken), (name, given))
    ]
    graph = helper.make_graph(writer.nodes, "pictures", ends[:1], ends[1:], tensors)
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name=PRODUCER)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())
