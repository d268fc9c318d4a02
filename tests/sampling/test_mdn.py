"""The sampler, and beside it the wrong one that made the dancers melt: sigma taken for a variance."""

from collections.abc import Callable

import numpy as np
import pytest
from sampling import plain

from engine.contracts import HeadOutput, Knobs
from engine.sampling.kernels import COLDEST, choose, divide
from engine.sampling.mdn import Sampler
from engine.schema.frame import F32
from engine.schema.model import Head, HeadKind

ROWS, COMPONENTS, DIMS = 3, 4, 5
Draw = Callable[[F32, F32, F32], F32]


def sampler(kind: HeadKind) -> Sampler:
    return Sampler(Head(kind=kind, components=COMPONENTS, dims=DIMS), ROWS)


def full() -> HeadOutput:
    draw = np.random.default_rng(4)
    mu = draw.normal(size=(ROWS, COMPONENTS, DIMS)).astype(np.float32)
    sigma = draw.uniform(0.02, 0.3, size=mu.shape).astype(np.float32)
    return HeadOutput(mu, sigma, logits=draw.normal(size=(ROWS, COMPONENTS)).astype(np.float32))


def lazy(component: int = 2) -> HeadOutput:
    output = full()
    chosen = np.full(ROWS, component, np.int64)
    return HeadOutput(output.mu[:, component].copy(), output.sigma[:, component].copy(), component=chosen)


def noise(frame: int = 0) -> tuple[F32, F32]:
    return plain.fill([7] * ROWS, frame, range(ROWS), DIMS)


def row(*values: float) -> F32:
    return np.array(values * (ROWS // len(values)), np.float32)


def draw(output: HeadOutput, frame: int = 0, **knobs: F32) -> F32:
    kind: HeadKind = "mdn-lazy" if output.logits is None else "mdn"
    return sampler(kind).draw(output, *noise(frame), Knobs(*[row(1.0)] * 4)._replace(**knobs))


def one_component(mu: F32, sigma: F32, normals: F32) -> F32:
    """A lazy head's sampler, one row for each of `normals` (N, D)."""
    one = Sampler(Head(kind="mdn-lazy", components=1, dims=normals.shape[1]), len(normals))
    return drawn(one, HeadOutput(np.tile(mu, (len(normals), 1)), np.tile(sigma, (len(normals), 1))), normals)


def two_components(mu: F32, sigma: F32, normals: F32) -> F32:
    """A full head's sampler; the likelier component is always taken, the other is far away."""
    two = Sampler(Head(kind="mdn", components=2, dims=normals.shape[1]), len(normals))
    means = np.tile(np.stack([mu + 99, mu]).astype(np.float32), (len(normals), 1, 1))
    spreads = np.tile(np.stack([sigma * 9, sigma]).astype(np.float32), (len(normals), 1, 1))
    logits = np.tile(np.array([-200, 0], np.float32), (len(normals), 1))
    return drawn(two, HeadOutput(means, spreads, logits=logits), normals)


def drawn(one: Sampler, output: HeadOutput, normals: F32) -> F32:
    ones = np.ones(len(normals), np.float32)
    half = ones * np.float32(0.5)
    return one.draw(output, half, normals, Knobs(ones, ones, ones, ones))


def wrong(mu: F32, sigma: F32, normals: F32) -> F32:
    """The negative control."""
    return np.asarray(mu + np.sqrt(sigma) * normals, np.float32)


def spread_error(sample: Draw) -> float:
    """Largest relative error of the standard deviation over 20 000 draws."""
    mu, sigma = lazy().mu[0], lazy().sigma[0]
    _, normals = plain.fill([7] * 20_000, 0, range(20_000), DIMS)
    return float(np.abs(sample(mu, sigma, normals).std(axis=0) / sigma - 1.0).max())


@pytest.mark.parametrize("sample", [one_component, two_components])
def test_the_spread_is_sigma_within_two_percent(sample: Draw) -> None:
    assert spread_error(sample) < 0.02


def test_the_wrong_sampler_fails_the_same_check() -> None:
    assert spread_error(wrong) > 0.5


@pytest.mark.parametrize("output", [full(), lazy()])
def test_temperature_and_sigma_scale_the_spread(output: HeadOutput) -> None:
    mean = draw(output, temperature=row(1e-9), pi_temperature=row(1e9)).copy()
    one = draw(output).copy() - mean
    two = draw(output, temperature=row(2.0, 1.0, 0.5), pi_temperature=row(0.5, 1.0, 2.0), sigma=row(3.0)) - mean
    np.testing.assert_allclose(two, one * [[6.0], [3.0], [1.5]], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("output", [full(), lazy()])
def test_temperature_zero_gives_the_mean_of_the_chosen_component(output: HeadOutput) -> None:
    sample = draw(output, temperature=row(0.0))
    if output.logits is None:
        np.testing.assert_array_equal(sample, output.mu)
    else:
        np.testing.assert_array_equal(sample, output.mu[np.arange(ROWS), output.logits.argmax(axis=1)])


def test_a_full_head_draws_from_its_components() -> None:
    output = full()
    assert output.logits is not None
    still = HeadOutput(output.mu, output.sigma * 0, logits=output.logits)
    counts = np.zeros((ROWS, COMPONENTS))
    for frame in range(4000):
        same = (draw(still, frame)[:, None] == output.mu).all(axis=-1)
        assert (same.sum(axis=1) == 1).all()
        counts += same
    weights = np.exp(output.logits) / np.exp(output.logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(counts / 4000, weights, atol=0.03)


@pytest.mark.parametrize("field", ["mu", "sigma", "logits"])
def test_nan_is_not_hidden(field: str) -> None:
    output = full()
    values = output._asdict()
    values[field] = values[field].copy()
    values[field][1] = np.nan
    sample = draw(HeadOutput(**values))
    assert np.isnan(sample[1]).all()
    assert np.isfinite(sample[[0, 2]]).all()


def test_a_lazy_head_s_nan_is_not_hidden() -> None:
    output = lazy()
    output.mu[0, 3] = np.nan
    assert np.isnan(draw(output)[0, 3])


def test_the_choice_has_one_temperature_with_a_floor() -> None:
    out = row(0.0)
    divide(row(0.0, 2.0, 1.0), row(1.0, 0.5, 0.004), out)
    np.testing.assert_allclose(out, [COLDEST, 1.0, COLDEST])


def test_a_full_head_is_drawn_as_its_parts_do() -> None:
    output = full()
    assert output.logits is not None
    knobs = Knobs(row(0.0, 0.7, 1.3), row(1.0, 0.3, 1.7), row(1.0, 0.9, 1.1), row(0.9))
    divisor = row(0.0)
    divide(knobs.temperature, knobs.pi_temperature, divisor)
    component, order = np.zeros(ROWS, np.int64), np.zeros((ROWS, COMPONENTS), np.int64)
    drawing, rows = sampler("mdn"), np.arange(ROWS)
    scale = (knobs.temperature * knobs.sigma)[:, None]
    for frame in range(50):
        u, normals = noise(frame)
        choose(output.logits, divisor, knobs.top_p, u, np.zeros((ROWS, COMPONENTS)), order, component)
        expected = output.mu[rows, component] + output.sigma[rows, component] * scale * normals
        np.testing.assert_array_equal(drawing.draw(output, u, normals, knobs), expected)


@pytest.mark.parametrize("output", [full(), lazy()])
def test_a_smaller_batch_draws_the_same_for_its_rows(output: HeadOutput) -> None:
    whole = draw(output)
    fewer = HeadOutput(*(None if part is None else part[:2] for part in output))  # type: ignore[arg-type]
    u, normals = noise()
    ones = np.ones(2, np.float32)
    one = sampler("mdn-lazy" if output.logits is None else "mdn")
    found = one.draw(fewer, u[:2], normals[:2], Knobs(ones, ones, ones, ones))
    np.testing.assert_array_equal(found, whole[:2])
