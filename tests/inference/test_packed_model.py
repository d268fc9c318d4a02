"""The packed executor beside ONNX Runtime, over every kind of graph that it knows, and the ones that it must not."""

import itertools
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import onnx
import pytest
import tiny
from graphs import BATCH, BUNDLED, COMPONENTS, DIMS, FEATURES, spec, weights
from onnx import numpy_helper

from engine.bundled import MODELS
from engine.contracts import HeadOutput, Loaded
from engine.inference import lanes
from engine.inference.onnx_file import encode
from engine.inference.onnx_model import OnnxModel
from engine.inference.open_model import open_model
from engine.inference.packed_model import PackedModel
from engine.inference.recognise import recognise
from engine.inference.step_graph import Weights, build
from engine.inference.vet import load
from engine.schema.errors import DeviceError
from engine.schema.frame import F32
from engine.schema.model import HeadKind

STEPS = 60
ROWS = 256
"""Performers of the largest batch."""

KINDS: tuple[HeadKind, ...] = ("mdn", "mdn-lazy")

NEAR = 3e-6
"""Of the outputs' scale: both round, each in its own order."""


def loaded(made: Weights, kind: HeadKind, *, half: bool = False) -> Loaded:
    return Loaded(encode(build(made, kind, half=half), spec(made, kind), {}), spec(made, kind), {})


def packed(found: Loaded, batch: int) -> PackedModel:
    model = open_model(found, batch)
    assert isinstance(model, PackedModel)
    return model


def inputs(batch: int = BATCH) -> tuple[F32, F32]:
    draw = np.random.default_rng(7)
    return draw.normal(0, 1, (STEPS, batch, FEATURES)).astype(np.float32), draw.random((STEPS, batch), np.float32)


def agree(one: HeadOutput, other: HeadOutput) -> None:
    for mine, theirs in ((one.mu, other.mu), (one.sigma, other.sigma), (one.logits, other.logits)):
        if mine is not None and theirs is not None:
            np.testing.assert_allclose(mine, theirs, rtol=0, atol=NEAR * max(1.0, float(np.abs(theirs).max())))
    if one.component is not None:
        np.testing.assert_array_equal(one.component, other.component)


PARTS = ("embed", "dense", "gate")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("spread", "parts"),
    [
        *(("sigmoid", parts) for count in range(4) for parts in itertools.combinations(PARTS, count)),
        *((spread, (*PARTS, "half")) for spread in ("sigmoid", "elu", "root")),
    ],
)
def test_it_steps_as_onnx_runtime_does(kind: HeadKind, spread: str, parts: tuple[str, ...]) -> None:
    made = weights(spread, **{part: part in parts for part in PARTS})
    found = loaded(made, kind, half="half" in parts)
    mine, theirs = packed(found, BATCH), OnnxModel(found, BATCH)
    temperature, top_p = np.linspace(0.3, 2, BATCH).astype(np.float32), np.linspace(0.2, 1, BATCH).astype(np.float32)
    for x, u in zip(*inputs(), strict=True):
        agree(mine.step(x, u, temperature, top_p), theirs.step(x, u, temperature, top_p))
    for one, other in zip(mine.state(), theirs.state(), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=NEAR)


@pytest.mark.parametrize("precision", ["float32", "float16"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("hidden", "components", "dims"), [(1, 1, 1), (30, 1, 3), (100, 3, 1), (64, 2, 32), (65, 5, 33), (127, 9, 5)]
)
def test_any_width_is_padded_to_panels_and_no_further(
    hidden: int, components: int, dims: int, kind: HeadKind, precision: str
) -> None:
    made = weights(embed=True, gate=dims <= FEATURES - 2, hidden=hidden, components=components, dims=dims)
    found = loaded(made, kind, half=precision == "float16")
    mine, theirs, one = packed(found, BATCH), OnnxModel(found, BATCH), np.ones(BATCH, np.float32)
    for x, u in zip(*inputs(), strict=True):
        agree(mine.step(x, u, one, one), theirs.step(x, u, one, one))
        # From the same state each time: rows of random numbers this wide make what was rounded grow from step to step.
        mine.restore(theirs.state())


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.stem)
def test_the_bundled_models_are_packed_and_agree_with_onnx_runtime(path: Path) -> None:
    found = load(path)
    mine, theirs = packed(found, 2), OnnxModel(found, 2)
    draw, one = np.random.default_rng(1), np.ones(2, np.float32)
    for _ in range(STEPS):
        x, u = draw.normal(0, 1, (2, found.spec.features)).astype(np.float32), draw.random(2, np.float32)
        agree(mine.step(x, u, one, one), theirs.step(x, u, one, one))


@pytest.mark.parametrize("precision", ["float32", "float16"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_row_has_the_same_bits_alone_and_in_any_batch(kind: HeadKind, precision: str) -> None:
    found = loaded(weights(embed=True, dense=True, gate=True), kind, half=precision == "float16")
    xs, us = inputs(ROWS)
    whole, ones = packed(found, ROWS), np.ones(ROWS, np.float32)
    outputs = []
    for x, u in zip(xs, us, strict=True):
        output = whole.step(x, u, ones, ones)
        outputs.append((output.mu.copy(), output.sigma.copy()))
    for rows in (slice(0, 1), slice(3, 7), slice(8, 11), slice(20, 25), slice(1, ROWS), slice(ROWS - 1, ROWS)):
        few = packed(found, rows.stop - rows.start)
        one = ones[rows]
        for x, u, (mu, sigma) in zip(xs, us, outputs, strict=True):
            output = few.step(x[rows], u[rows], one, one)
            np.testing.assert_array_equal(output.mu, mu[rows])
            np.testing.assert_array_equal(output.sigma, sigma[rows])


def test_half_precision_has_the_bits_of_the_rounded_weights() -> None:
    found = loaded(weights(embed=True, gate=True), "mdn-lazy", half=True)
    known = recognise(found.graph, found.spec)
    assert known is not None
    assert known.half
    widened = loaded(known.weights, "mdn-lazy")
    half, single, one = packed(found, BATCH), packed(widened, BATCH), np.ones(BATCH, np.float32)
    assert (half.provider, single.provider) == ("CPU, packed float16", "CPU, packed float32")
    for x, u in zip(*inputs(), strict=True):
        first, second = half.step(x, u, one, one), single.step(x, u, one, one)
        np.testing.assert_array_equal(first.mu, second.mu)
        np.testing.assert_array_equal(first.sigma, second.sigma)


def test_what_is_no_number_stays_none_and_in_its_row() -> None:
    for kind in KINDS:
        model, one = packed(loaded(weights(), kind), 3), np.ones(3, np.float32)
        x = np.zeros((3, FEATURES), np.float32)
        x[1] = np.nan
        output = model.step(x, one * 0.5, one, one)
        assert np.isnan(output.mu[1]).all()
        assert np.isfinite(output.mu[[0, 2]]).all()


@pytest.mark.parametrize("shape", [(BATCH, FEATURES + 1), (BATCH - 1, FEATURES), (BATCH + 1, FEATURES)])
def test_a_step_of_another_shape_is_refused(shape: tuple[int, int]) -> None:
    model, one = packed(loaded(weights(), "mdn-lazy"), BATCH), np.ones(BATCH, np.float32)
    with pytest.raises(ValueError, match="shape"):
        model.step(np.zeros(shape, np.float32), one, one, one)
    with pytest.raises(ValueError, match="shape"):
        model.step(np.zeros((BATCH, FEATURES), np.float32), one[:-1], one, one)


def test_sizes_of_batch_share_the_weights() -> None:
    model = packed(loaded(weights(), "mdn-lazy"), 1)
    larger = model.resized(8)
    assert larger._packed is model._packed
    model.close()
    assert larger.resized(2).batch == 2
    with pytest.raises(ValueError, match="closed"):
        model.resized(2)
    one = np.ones(1, np.float32)
    with pytest.raises(ValueError, match="closed"):
        model.step(np.zeros((1, FEATURES), np.float32), one, one, one)


def test_an_empty_batch_is_refused() -> None:
    with pytest.raises(ValueError, match="batch 0"):
        open_model(loaded(weights(), "mdn"), 0)
    with pytest.raises(ValueError, match="batch 0"):
        packed(loaded(weights(), "mdn"), 1).resized(0)


def changed(found: Loaded, change: str) -> Loaded:
    """The model of another exporter: some graph that means something else, or says it otherwise."""
    model = onnx.load_from_string(found.graph)
    nodes, constants = model.graph.node, {tensor.name: tensor for tensor in model.graph.initializer}
    if change == "another operator":
        next(node for node in nodes if node.op_type == "Sigmoid").op_type = "HardSigmoid"
    elif change == "a second bias":
        bias = numpy_helper.to_array(constants["lstm0.bias"]).copy()
        bias[0, -1] = 0.5
        constants["lstm0.bias"].CopyFrom(numpy_helper.from_array(bias, "lstm0.bias"))
    elif change == "an attribute":
        node = next(node for node in nodes if node.op_type == "LSTM")
        node.attribute.append(onnx.helper.make_attribute("clip", 3.0))
    elif change == "another domain":
        next(node for node in nodes if node.op_type == "Gemm").domain = "com.microsoft"
    elif change == "another order":
        first, second = (onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes[:2])
        nodes[0].CopyFrom(second)
        nodes[1].CopyFrom(first)
    else:
        model.graph.initializer.append(numpy_helper.from_array(np.zeros(3, np.float32), "spare"))
    return found._replace(graph=model.SerializeToString())


@pytest.mark.parametrize(
    "change", ["another operator", "a second bias", "an attribute", "another domain", "another order", "a constant"]
)
def test_a_graph_that_is_not_ours_to_the_last_number_is_left_to_onnx_runtime(change: str) -> None:
    found = loaded(weights(embed=True), "mdn-lazy")
    assert recognise(found.graph, found.spec) is not None
    other = changed(found, change)
    assert recognise(other.graph, other.spec) is None


@pytest.mark.parametrize("axes", [(), (2,), (1, 3, 5)])
@pytest.mark.parametrize("kind", KINDS)
def test_tensors_of_other_axes_are_another_exporters(kind: HeadKind, axes: tuple[int, ...]) -> None:
    """Whichever it is, nothing but a refusal comes of it."""
    found = loaded(weights(embed=True, dense=True, gate=True), kind)
    for name in build(weights(embed=True, dense=True, gate=True), kind).constants:
        model = onnx.load_from_string(found.graph)
        tensor = next(each for each in model.graph.initializer if each.name == name)
        dtype = numpy_helper.to_array(tensor).dtype
        tensor.CopyFrom(numpy_helper.from_array(np.ones(axes, dtype), name))
        assert recognise(model.SerializeToString(), found.spec) is None


def test_shapes_that_the_description_does_not_tell_of_are_not_packed() -> None:
    """Compiled kernels read where they are told: a file that lies must not send them elsewhere."""
    found = loaded(weights(gate=True), "mdn-lazy")
    for change in (
        {"features": FEATURES + 1},
        {"head": msgspec.structs.replace(found.spec.head, dims=DIMS + 1)},
        {"head": msgspec.structs.replace(found.spec.head, components=COMPONENTS + 1)},
        {"state": found.spec.state[:2]},
    ):
        assert recognise(found.graph, msgspec.structs.replace(found.spec, **change)) is None


def test_inputs_beyond_the_last_are_not_carried() -> None:
    made = replace(weights(gate=True), carry_from=FEATURES - DIMS + 1)
    found = loaded(made, "mdn-lazy")
    assert recognise(found.graph, found.spec) is None


def test_other_graphs_and_processors_are_left_to_onnx_runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(open_model(tiny.lstm(tmp_path), 2), OnnxModel)
    found = loaded(weights(), "mdn-lazy")
    monkeypatch.setattr(lanes, "supported", lambda: False)
    assert isinstance(open_model(found, 2), OnnxModel)


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.inference.device.driver_devices", lambda: 0)
    with pytest.raises(DeviceError):
        open_model(loaded(weights(), "mdn"), 1, "cuda")


def test_a_packed_model_is_opened_without_onnx_runtime() -> None:
    """It would take a tenth of a second and 20 MB of every start."""
    program = (
        "import sys; from engine.inference.open_model import open_model; from engine.inference.vet import load;"
        f"open_model(load({str(MODELS / 'dance.onnx')!r}), 1); sys.exit('onnxruntime' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_weights_that_are_no_numbers_are_packed_as_well() -> None:
    """A broken model is refused for what it plays; ONNX Runtime need not be loaded in the middle of a show for it."""
    made = weights()
    made.pi_bias[0] = np.nan
    found = loaded(made, "mdn")
    assert recognise(found.graph, found.spec) is not None
