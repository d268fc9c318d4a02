"""The step graph, beside the same arithmetic in NumPy and beside the sampling kernel of full heads."""

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from graphs import BATCH, DIMS, FEATURES, HIDDEN, STEPS, spec, weights
from numpy.typing import NDArray
from scipy.special import expit

from engine.inference import step_graph
from engine.inference.onnx_file import IR_VERSION, OPSET, encode, plain
from engine.inference.ports import Port
from engine.inference.step_graph import Graph, Spread, Weights, build, states
from engine.sampling.kernels import choose
from engine.schema.frame import F32
from engine.schema.model import HeadKind

F64 = NDArray[np.float64]
NEAR = 1e-6
"""Probability within which a choice in float32 may fall on the other side of a border."""


def reference(made: Weights, xs: F64) -> tuple[F64, F64, F64]:
    """Logits (T, B, K), mu and sigma (T, B, K, D) of inputs (T, B, F), in float64."""
    states = [(np.zeros((xs.shape[1], HIDDEN)), np.zeros((xs.shape[1], HIDDEN))) for _ in made.layers]
    out: list[tuple[F64, F64, F64]] = []
    for x in xs:
        value = x
        if made.embed is not None:
            value = value @ made.embed[0].T + made.embed[1]
            value = value * expit(value)
        for index, layer in enumerate(made.layers):
            h, c = states[index]
            i, f, g, o = np.split(value @ layer.input.T + h @ layer.recurrent.T + layer.bias, 4, axis=1)
            c = expit(f) * c + expit(i) * np.tanh(g)
            value = expit(o) * np.tanh(c)
            states[index] = (value, c)
        if made.dense is not None:
            value = value @ made.dense[0].T + made.dense[1]
        rows = np.einsum("bh,khd->bkd", value, made.row_weight) + made.row_bias
        mu, raw = rows[..., :DIMS], rows[..., DIMS:]
        if made.gate is not None:
            mu = mu + (made.gate * x[:, made.carry_from : made.carry_from + DIMS])[:, None]
        out.append((value @ made.pi_weight.T + made.pi_bias, mu, spread(made.spread, raw) * made.unit))
    logits, mus, sigmas = zip(*out, strict=True)
    return np.array(logits), np.array(mus), np.array(sigmas)


def spread(kind: Spread, raw: F64) -> F64:
    if kind.kind == "sigmoid":
        return np.asarray(kind.floor + (kind.cap - kind.floor) * expit(raw - 1.5))
    elu = np.where(raw > 0, raw, np.expm1(raw)) + 1 + 1e-6
    return np.asarray(elu if kind.kind == "elu" else np.sqrt(elu))


def model(made: Weights, kind: HeadKind, *, half: bool = False) -> onnx.ModelProto:
    data = encode(build(made, kind, half=half), spec(made, kind), {})
    found = onnx.load_from_string(data)
    onnx.checker.check_model(found, full_check=True)
    return found


def session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def stepped(made: Weights, kind: str, xs: F64, u: F64) -> list[dict[str, NDArray[Any]]]:
    """What the graph gives at every step, its state handed on."""
    runner = session(model(made, kind))  # type: ignore[arg-type]
    batch = xs.shape[1]
    state = {f"{letter}{layer}": np.zeros((1, batch, HIDDEN), np.float32) for layer in range(2) for letter in "hc"}
    found = []
    for x, chance in zip(xs, u, strict=True):
        feeds = {"x": x.astype(np.float32), **state}
        if kind == "mdn-lazy":
            ones = np.ones((batch, 1), np.float32)
            feeds |= {"u": chance[:, None].astype(np.float32), "pi_temperature": ones, "top_p": ones}
        names = [output.name for output in runner.get_outputs()]
        outputs = dict(zip(names, runner.run(names, feeds), strict=True))
        state = {name: outputs.pop(f"{name}_out") for name in state}
        found.append(outputs)
    return found


CASES = [
    {"spread": "sigmoid", "embed": True, "gate": True},
    {"spread": "sigmoid", "embed": True, "dense": True, "gate": True},
    {"spread": "elu", "dense": True},
    {"spread": "root"},
]


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("batch", [1, BATCH])
def test_a_full_head_gives_every_component(case: dict[str, Any], batch: int) -> None:
    made, xs = weights(**case), np.random.default_rng(1).normal(0, 1, (STEPS, batch, FEATURES))
    found = stepped(made, "mdn", xs, np.zeros((STEPS, batch)))
    for index, name in enumerate(("logits", "mu", "sigma")):
        expected = reference(made, xs)[index]
        np.testing.assert_allclose([step[name] for step in found], expected, rtol=0, atol=2e-5)


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("batch", [1, BATCH])
def test_a_lazy_head_gives_the_chosen_component(case: dict[str, Any], batch: int) -> None:
    made, draw = weights(**case), np.random.default_rng(1)
    xs, u = draw.normal(0, 1, (STEPS, batch, FEATURES)), draw.random((STEPS, batch))
    found = stepped(made, "mdn-lazy", xs, u)
    chosen = np.array([step["component"][:, 0] for step in found])
    _, mu, sigma = (np.asarray(part) for part in reference(made, xs))
    steps, rows = np.mgrid[:STEPS, :batch]
    np.testing.assert_allclose([step["mu"] for step in found], mu[steps, rows, chosen], rtol=0, atol=2e-5)
    np.testing.assert_allclose([step["sigma"] for step in found], sigma[steps, rows, chosen], rtol=0, atol=2e-5)
    if batch > 1:
        assert len(np.unique(chosen)) > 1


def chooser(components: int) -> onnxruntime.InferenceSession:
    """The part of a lazy graph that chooses, alone."""
    graph = Graph()
    step_graph._choose(graph, components)
    wide = {"logits": components, "u": 1, "pi_temperature": 1, "top_p": 1}
    inputs = [Port(name, "float32", (-1, width)) for name, width in wide.items()]
    return session(onnx.load_from_string(plain(graph, inputs, [Port("component", "int64", (-1, 1))], {})))


def by_graph(logits: F32, *knobs: F32) -> NDArray[np.int64]:
    u, temperature, top_p = (knob[:, None] for knob in knobs)
    feeds = {"logits": logits, "u": u, "pi_temperature": temperature, "top_p": top_p}
    return np.asarray(chooser(logits.shape[1]).run(None, feeds)[0][:, 0], np.int64)


def by_kernel(logits: F32, *knobs: F32) -> NDArray[np.int64]:
    u, temperature, top_p = knobs
    component = np.empty(len(logits), np.int64)
    choose(logits, temperature, top_p, u, np.empty(logits.shape), np.empty(logits.shape, np.int64), component)
    return component


def border(logits: F64, u: float, temperature: float, top_p: float) -> float:
    """How near a choice is to going the other way, in probability."""
    shares = np.exp((logits - logits.max()) / temperature)
    sums = np.cumsum(np.sort(shares / shares.sum())[::-1])
    kept = sums[np.argmax(sums >= top_p)] if (sums >= top_p).any() else 1.0
    return float(min(np.abs(sums - u * kept).min(), np.abs(sums - top_p).min()))


@pytest.mark.parametrize("components", [1, 2, 5, 8, 32])
def test_the_graph_chooses_as_the_sampling_kernel_does(components: int) -> None:
    draw, rows = np.random.default_rng(components), 4000
    logits = draw.normal(0, 3, (rows, components)).astype(np.float32)
    u = (draw.integers(0, 1 << 24, rows) / (1 << 24)).astype(np.float32)
    u[:50], u[50:100] = 1.0 - 2.0**-24, 0.0
    temperature = np.exp(draw.uniform(np.log(0.01), np.log(4.0), rows)).astype(np.float32)
    top_p = draw.uniform(0.05, 1.0, rows).astype(np.float32)
    top_p[::4] = 1.0
    graph, kernel = (by(logits, u, temperature, top_p) for by in (by_graph, by_kernel))
    differing = np.flatnonzero(graph != kernel)
    assert len(differing) <= rows // 1000
    for row in differing:
        knobs = float(u[row]), float(temperature[row]), float(top_p[row])
        assert border(logits[row].astype(np.float64), *knobs) < NEAR
    assert len(np.unique(graph)) == components


def test_equal_components_are_chosen_in_their_order() -> None:
    logits = np.zeros((8, 8), np.float32)
    u = (np.arange(8) / 8).astype(np.float32)  # just where one ends and the next one begins
    ones = np.ones(8, np.float32)
    for by in (by_graph, by_kernel):
        np.testing.assert_array_equal(by(logits, u, ones, ones), np.arange(8))


def test_top_p_leaves_out_the_unlikely_and_always_keeps_one() -> None:
    logits = np.log(np.tile((0.4, 0.3, 0.2, 0.1), (97, 1))).astype(np.float32)
    u, ones = np.linspace(0, 1 - 2.0**-24, 97).astype(np.float32), np.ones(97, np.float32)
    for top_p, kept in ((1e-6, 1), (0.39, 1), (0.5, 2), (0.75, 3), (0.95, 4), (1.0, 4)):
        found = by_graph(logits, u, ones, np.full(97, top_p, np.float32))
        assert set(found) == set(range(kept))
        np.testing.assert_array_equal(found, by_kernel(logits, u, ones, np.full(97, top_p, np.float32)))


def test_a_low_temperature_takes_the_likeliest_and_a_high_one_any() -> None:
    logits = np.tile(np.array((0.0, 2.0, 1.0), np.float32), (3000, 1))
    u, ones = ((np.arange(3000) + 0.5) / 3000).astype(np.float32), np.ones(3000, np.float32)
    assert set(by_graph(logits, u, np.full(3000, 0.01, np.float32), ones)) == {1}
    counts = np.bincount(by_graph(logits, u, np.full(3000, 1000.0, np.float32), ones))
    np.testing.assert_allclose(counts, 1000, atol=3)


def test_the_graph_is_plain_and_fixed() -> None:
    made = weights(embed=True, gate=True)
    found = model(made, "mdn-lazy")
    assert [(entry.domain, entry.version) for entry in found.opset_import] == [("", OPSET)]
    assert found.ir_version == IR_VERSION
    assert [node.op_type for node in found.graph.node].count("LSTM") == 2
    assert found.SerializeToString() == model(made, "mdn-lazy").SerializeToString()
    assert [tensor.shape for tensor in states(made)] == [(1, -1, HIDDEN)] * 4


def test_half_precision_is_that_of_the_weights_alone() -> None:
    made = weights(embed=True, dense=True, gate=True)
    halved = [constant for constant in build(made, "mdn", half=True).constants.values() if constant.dtype == np.float16]
    assert sum(constant.size for constant in halved) > 0.9 * sum(
        constant.size for constant in build(made, "mdn").constants.values() if constant.ndim > 1
    )
    x = np.random.default_rng(1).normal(0, 1, (BATCH, FEATURES)).astype(np.float32)
    feeds = {"x": x} | {
        f"{letter}{layer}": np.zeros((1, BATCH, HIDDEN), np.float32) for layer in range(2) for letter in "hc"
    }
    half, whole = (session(model(made, "mdn", half=half)).run(["mu"], feeds)[0] for half in (True, False))
    assert 1e-6 < np.abs(half - whole).max() < 5e-3 * np.abs(whole).max()
