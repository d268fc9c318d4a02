"""From a checkpoint to one .onnx file: the step graph, the description and the arrays."""

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from torch import Tensor, nn

import export
from engine.inference.step_graph import Layer, Spread, Weights, states
from engine.schema.errors import ConfigError
from engine.schema.frame import F32
from engine.schema.model import ModelSpec
from export import convlstm_onnx, whole
from export.checkpoint import Trained
from export.nets.convlstm import FrameNet
from export.nets.dance import DanceNet
from export.nets.latents import LatentNet, SeedLatentNet
from export.nets.seed import SeedNet
from export.nets.signs import SeedSignNet, SignNet
from export.nets.vae import Vae
from export.nets.velocity import GridNet, VelocityNet
from export.onnx_graph import checked
from export.picture_onnx import files


def write(trained: Trained, path: Path, *, metrics: dict[str, Any] | None = None) -> None:
    """Write a model file, whole or not at all.

    Args:
        trained: what a checkpoint holds.
        path: of the .onnx file.
        metrics: held-out figures to carry along.

    Raises:
        ConfigError: the place cannot be written, or the network needs what is still to come.
    """
    recipe = msgspec.to_builtins(trained.recipe)
    spec = msgspec.structs.replace(
        trained.spec,
        training=trained.spec.training | {"recipe": recipe, "updates": trained.updates},
        metrics=metrics or {},
        code=code_digest(),
    )
    whole.write(path, _file(trained, spec))


def _file(trained: Trained, spec: ModelSpec) -> bytes:
    """The bytes of a model, its state told in its description."""
    net = trained.net
    if isinstance(net, FrameNet) and spec.image is not None:
        told = msgspec.structs.replace(
            spec,
            state=convlstm_onnx.states(net, spec.image.height, spec.image.width),
            training=spec.training | {"parameters": net.counted()},
        )
        return convlstm_onnx.checked(net, told, trained.arrays)
    if isinstance(net, SignNet):
        spec = msgspec.structs.replace(spec, training=spec.training | {"parameters": net.counted()})
    weights = weighed(trained)
    pictures = files(net.vae, spec.image) if isinstance(net, LatentNet) and spec.image is not None else {}
    return checked(weights, msgspec.structs.replace(spec, state=states(weights)), {**trained.arrays, **pictures})


def weighed(trained: Trained) -> Weights:
    """The numbers of the step graph of a network.

    Raises:
        ConfigError: it sees a piece in both directions.
    """
    net = trained.net
    if isinstance(net, FrameNet):
        raise TypeError("a network that foresees pictures has a graph of its own, see `export.convlstm_onnx`")
    if isinstance(net, Vae | SeedLatentNet | SeedSignNet):
        found = f"{trained.recipe.net.kind!r}, which is for comparison or a part of another one"
        raise ConfigError("net.kind", found, "a network that the engine plays")
    if isinstance(net, LatentNet):
        return dance(net.dance)
    if isinstance(net, GridNet):
        found = f"{trained.recipe.net.kind!r}, which sees a piece to its end"
        raise ConfigError("net.kind", found, "a network that can be played note by note")
    if isinstance(net, SignNet):
        return signs(net)
    if isinstance(net, VelocityNet):
        return velocity(net)
    return dance(net) if isinstance(net, DanceNet) else seed(net)


def velocity(net: VelocityNet) -> Weights:
    """The weights of a network of touch, the scales of its inputs and its loudness folded in."""
    embed = _array(net.input.weight) / _array(net.scale)
    bias = _array(net.input.bias) - (embed @ _array(net.mean)).astype(np.float32)
    unit = _array(net.unit)
    rows, levels = _rows(_array(net.head.rows.weight), _array(net.head.rows.bias), unit, net.head.components)
    levels[:, 0] += _array(net.loudness)
    return Weights(
        layers=_layers(net.lstm),
        pi_weight=_array(net.head.pi.weight),
        pi_bias=_array(net.head.pi.bias),
        row_weight=rows,
        row_bias=levels,
        unit=unit,
        spread=Spread("sigmoid", net.head.floor, net.head.cap),
        embed=(embed, bias),
    )


def dance(net: DanceNet) -> Weights:
    """The weights of a dance network, the normaliser folded in."""
    embed = _array(net.input.weight)
    embed[:, : net.motion] /= _array(net.scales)
    rows = net.head.rows
    unit = _array(net.unit)
    weight, bias = _rows(_array(rows.weight), _array(rows.bias), unit, net.head.components)
    return Weights(
        layers=_layers(net.lstm),
        pi_weight=_array(net.head.pi.weight),
        pi_bias=_array(net.head.pi.bias),
        row_weight=weight,
        row_bias=bias,
        unit=unit,
        spread=Spread("sigmoid", net.head.floor, net.head.cap),
        embed=(embed, _array(net.input.bias)),
        gate=_array(net.gate.sigmoid()),
        carry_from=net.pose,
    )


def seed(net: SeedNet) -> Weights:
    """The weights of the seed's network, the min-max scaling folded in and its sampler's fault kept."""
    first, *others = _layers(net.lstm)
    span, low = _array(net.span), _array(net.low)
    scaled = Layer(first.input / span, first.recurrent, first.bias - first.input @ (low / span))
    width = net.components * net.dims
    weight, bias = _array(net.head.weight), _array(net.head.bias)
    mu, sigma, pi = np.split(weight, [width, 2 * width])
    mu_bias, sigma_bias, pi_bias = np.split(bias, [width, 2 * width])
    rows = _side_by_side(mu, sigma, net.components)
    biases = _side_by_side(mu_bias, sigma_bias, net.components)
    row_weight, row_bias = _rows(rows, biases, span, net.components)
    row_bias[:, : net.dims] += low
    return Weights(
        layers=(scaled, *others),
        pi_weight=pi,
        pi_bias=pi_bias,
        row_weight=row_weight,
        row_bias=row_bias,
        unit=span,
        spread=Spread("root"),
    )


def signs(net: SignNet) -> Weights:
    """The weights of a network of signs, its temperature folded in."""
    temperature = _array(net.temperature)
    classes, hidden = net.out.weight.shape
    return Weights(
        layers=_layers(net.lstm),
        normal=(_array(net.mean), _array(net.scale)),
        pi_weight=_array(net.out.weight) / temperature,
        pi_bias=_array(net.out.bias) / temperature,
        row_weight=np.zeros((classes, hidden, 0), np.float32),
        row_bias=np.zeros((classes, 0), np.float32),
        unit=np.zeros(0, np.float32),
        spread=Spread("elu"),
    )


def code_digest() -> str:
    """SHA-256 of the sources that train and export."""
    folder = Path(export.__file__).parent
    digest = hashlib.sha256()
    for source in sorted(folder.rglob("*.py")):
        digest.update(source.relative_to(folder).as_posix().encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()


def _array(tensor: Tensor) -> F32:
    return tensor.detach().cpu().numpy().astype(np.float32)


def _layers(lstm: nn.LSTM) -> tuple[Layer, ...]:
    weights = dict(lstm.named_parameters())
    return tuple(
        Layer(
            _array(weights[f"weight_ih_l{index}"]),
            _array(weights[f"weight_hh_l{index}"]),
            _array(weights[f"bias_ih_l{index}"] + weights[f"bias_hh_l{index}"]),
        )
        for index in range(lstm.num_layers)
    )


def _side_by_side(mu: F32, sigma: F32, components: int) -> F32:
    """Rows of all means, rows of all spreads (K D, ...) to rows (K 2 D, ...), each component's means and spreads."""
    shape = (components, -1, *mu.shape[1:])
    both = np.concatenate([mu.reshape(shape), sigma.reshape(shape)], 1)
    return both.reshape(-1, *mu.shape[1:])


def _rows(weight: F32, bias: F32, unit: F32, components: int) -> tuple[F32, F32]:
    """A linear layer (K 2 D, H) as (K, H, 2 D) and (K, 2 D), its means scaled to family units."""
    dims = len(unit)
    by_component = weight.reshape(components, 2 * dims, -1).transpose(0, 2, 1).copy()
    biases = bias.reshape(components, 2 * dims).copy()
    by_component[..., :dims] *= unit
    biases[..., :dims] *= unit
    return by_component, biases
