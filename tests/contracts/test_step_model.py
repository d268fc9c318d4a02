"""What every step model must do. An implementer subclasses `StepModelContract` and says how one is made."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import tiny
from graphs import BUNDLED
from stand_in import StandIn

from engine.contracts import HeadOutput, StepModel
from engine.inference.onnx_model import OnnxModel
from engine.inference.open_cuda import open_cuda
from engine.inference.open_model import open_model
from engine.inference.scripted import ScriptedModel
from engine.inference.vet import load
from engine.schema.frame import F32
from engine.schema.model import HeadKind

BATCH = 4
NEAR = 1e-6
"""Of the outputs' scale: a row may be computed by another kernel in another batch, but no more than that."""


class StepModelContract:
    """Subclass, and give `make` a model of any batch size."""

    def make(self, batch: int) -> StepModel:
        raise NotImplementedError

    @pytest.fixture
    def model(self) -> Iterator[StepModel]:
        model = self.make(BATCH)
        yield model
        model.close()

    def test_shapes_are_those_of_the_description(self, model: StepModel) -> None:
        head = model.spec.head
        lazy = head.kind == "mdn-lazy"
        output = run(model, inputs(model, 1))[0]
        shape = (BATCH, head.dims) if lazy else (BATCH, head.components, head.dims)
        assert output.mu.shape == output.sigma.shape == shape
        assert output.mu.dtype == output.sigma.dtype == np.float32
        assert (output.component is not None) == lazy == (output.logits is None)
        if output.component is not None:
            assert output.component.shape == (BATCH,)
            assert set(output.component.tolist()) <= set(range(head.components))
        if output.logits is not None:
            assert output.logits.shape == (BATCH, head.components)
        shapes = [tuple(BATCH if size == -1 else size for size in tensor.shape) for tensor in model.spec.state]
        assert [tensor.shape for tensor in model.state()] == shapes

    def test_it_begins_with_zeros_and_gives_positive_spreads(self, model: StepModel) -> None:
        assert not any(tensor.any() for tensor in model.state())
        for output in run(model, inputs(model, 5)):
            assert np.isfinite(output.mu).all()
            assert (output.sigma > 0).all()

    def test_a_state_put_back_continues_exactly(self, model: StepModel) -> None:
        steps = inputs(model, 12)
        run(model, steps[:6])
        kept = model.state()
        first = run(model, steps[6:])
        for row in range(BATCH):
            model.put(row, kept, row)
        same(run(model, steps[6:]), first)

    def test_a_kept_state_is_a_copy(self, model: StepModel) -> None:
        kept = model.state()
        before = [tensor.copy() for tensor in kept]
        run(model, inputs(model, 3))
        for tensor, copy in zip(kept, before, strict=True):
            np.testing.assert_array_equal(tensor, copy)

    def test_what_is_looked_at_is_the_state_as_it_is(self, model: StepModel) -> None:
        last = len(model.spec.state) - 1
        for steps in (inputs(model, 3), inputs(model, 4)):  # an odd number too, as two sets of state may take turns
            run(model, steps)
            found = [tensor.copy() for tensor in model.hidden((last, 0))]
            expected = model.state()
            np.testing.assert_array_equal(found[0], expected[last])
            np.testing.assert_array_equal(found[1], expected[0])
        model.put(1, (), 0)
        np.testing.assert_array_equal(model.hidden((0,))[0], model.state()[0])

    def test_an_empty_state_is_a_fresh_start(self, model: StepModel) -> None:
        steps = inputs(model, 5)
        first = run(model, steps)
        for row in range(BATCH):
            model.put(row, (), 0)
        same(run(model, steps), first)

    def test_put_touches_one_row_and_takes_any_batch(self, model: StepModel) -> None:
        single = self.make(1)
        run(single, inputs(single, 4))
        run(model, inputs(model, 6))
        before = model.state()
        model.put(2, single.state(), 0)
        for index, tensor in enumerate(model.spec.state):
            axis = tensor.shape.index(-1)
            expected = np.moveaxis(before[index], axis, 0).copy()
            expected[2] = np.moveaxis(single.state()[index], axis, 0)[0]
            np.testing.assert_array_equal(np.moveaxis(model.state()[index], axis, 0), expected)
        single.close()

    def test_rows_do_not_hear_each_other(self, model: StepModel) -> None:
        steps = inputs(model, 8)
        first = run(model, steps)
        other = [(x.copy(), u.copy()) for x, u in steps]
        for x, u in other:
            x[1:] = 3.0 - x[1:]
            u[1:] = 1.0 - u[1:] - 2.0**-24
        for row in range(BATCH):
            model.put(row, (), 0)
        for output, expected in zip(run(model, other), first, strict=True):
            scale = max(1.0, float(np.abs(expected.mu).max()))
            np.testing.assert_allclose(output.mu[0], expected.mu[0], rtol=0, atol=NEAR * scale)
            np.testing.assert_allclose(output.sigma[0], expected.sigma[0], rtol=0, atol=NEAR * scale)

    def test_a_row_alone_is_the_row_in_a_batch(self, model: StepModel) -> None:
        single = self.make(1)
        steps = inputs(model, 8)
        alone = run(single, [(x[1:2].copy(), u[1:2].copy()) for x, u in steps])
        for output, expected in zip(alone, run(model, steps), strict=True):
            scale = max(1.0, float(np.abs(expected.mu).max()))
            np.testing.assert_allclose(output.mu[0], expected.mu[1], rtol=0, atol=10 * NEAR * scale)
        single.close()

    def test_same_input_other_history_other_output(self, model: StepModel) -> None:
        steps = inputs(model, 6)
        x, u = steps[-1]
        fresh = run(model, [(x, u)])[0].mu.copy()
        run(model, steps[:-1])
        assert (np.abs(run(model, [(x, u)])[0].mu - fresh).max(axis=-1) > 1e-4).all()

    def test_the_same_steps_twice_are_the_same(self, model: StepModel) -> None:
        again = self.make(BATCH)
        steps = inputs(model, 6)
        same(run(again, steps), run(model, steps))
        again.close()

    def test_what_it_is_given_is_not_changed_nor_kept(self, model: StepModel) -> None:
        x, u = inputs(model, 1)[0]
        copies = x.copy(), u.copy()
        first = run(model, [(x, u)])[0]
        np.testing.assert_array_equal(x, copies[0])
        np.testing.assert_array_equal(u, copies[1])
        x[:] = np.nan
        assert np.isfinite(first.mu).all()
        assert np.isfinite(run(model, [copies])[0].mu).all()

    @pytest.mark.parametrize("batch", [1, 2, BATCH, 8])
    def test_a_resized_model_is_a_new_one_of_zeros(self, model: StepModel, batch: int) -> None:
        run(model, inputs(model, 3))
        before = model.state()
        other = model.resized(batch)
        assert (other.batch, other.spec) == (batch, model.spec)
        assert not any(tensor.any() for tensor in other.state())
        fresh = self.make(batch)
        steps = inputs(fresh, 6)
        same(run(other, steps), run(fresh, steps))
        for tensor, expected in zip(model.state(), before, strict=True):
            np.testing.assert_array_equal(tensor, expected)  # nobody heard the other one step
        other.close()
        fresh.close()

    def test_rows_go_on_in_a_larger_batch(self, model: StepModel) -> None:
        larger = model.resized(2 * BATCH)
        steps = inputs(model, 16)
        run(model, steps[:6])
        larger.restore(model.state())
        fresh = self.make(2 * BATCH)
        new = widened(steps[6:])
        grown, expected = run(larger, new), run(model, steps[6:])
        for output, old, zeros in zip(grown, expected, run(fresh, new), strict=True):
            scale = max(1.0, float(np.abs(old.mu).max()))
            np.testing.assert_allclose(output.mu[:BATCH], old.mu, rtol=0, atol=10 * NEAR * scale)
            np.testing.assert_allclose(output.sigma[:BATCH], old.sigma, rtol=0, atol=10 * NEAR * scale)
            np.testing.assert_array_equal(output.mu[BATCH:], zeros.mu[BATCH:])  # who is new begins with zeros
        larger.close()
        fresh.close()

    def test_rows_go_on_exactly_in_a_batch_of_the_same_size(self, model: StepModel) -> None:
        twin = model.resized(BATCH)
        steps = inputs(model, 12)
        run(model, steps[:5])  # an odd number, as two sets of state may take turns
        twin.restore(model.state())
        same(run(twin, steps[5:]), run(model, steps[5:]))
        twin.close()

    def test_a_smaller_batch_takes_the_first_rows_and_a_larger_one_keeps_the_rest(self, model: StepModel) -> None:
        smaller = model.resized(2)
        run(model, inputs(model, 5))
        kept = model.state()
        smaller.restore(kept)
        rows_equal(model, smaller.state(), kept, slice(0, 2))
        run(smaller, inputs(smaller, 3))
        model.restore(smaller.state())
        rows_equal(model, model.state(), smaller.state(), slice(0, 2))
        rows_equal(model, model.state(), kept, slice(2, None))
        smaller.close()

    @pytest.mark.parametrize("first", [0, 1])
    def test_models_of_two_sizes_are_closed_each_by_itself(self, model: StepModel, first: int) -> None:
        pair = (model, model.resized(2))
        pair[first].close()
        left = pair[1 - first]
        assert np.isfinite(run(left, inputs(left, 2))[-1].mu).all()
        left.close()

    def test_one_thread_may_resize_while_another_steps(self, model: StepModel) -> None:
        steps = inputs(model, 300)
        quiet = self.make(BATCH)
        expected = run(quiet, steps)
        with ThreadPoolExecutor(1) as pool:
            made = [pool.submit(model.resized, batch) for batch in (8, 16, 1)]
            same(run(model, steps), expected)
            for future in made:
                future.result().close()
        quiet.close()

    def test_closing_twice_is_harmless(self, model: StepModel) -> None:
        model.close()
        model.close()


def inputs(model: StepModel, count: int) -> list[tuple[F32, F32]]:
    """Steps of standard normal features and uniform choices."""
    draw = np.random.default_rng(11)
    shape = (model.batch, model.spec.features)
    return [(draw.normal(size=shape).astype(np.float32), draw.random(model.batch, np.float32)) for _ in range(count)]


def run(model: StepModel, steps: Sequence[tuple[F32, F32]]) -> list[HeadOutput]:
    """Copies of what each step gives, at neutral knobs."""
    ones = np.ones(model.batch, np.float32)
    outputs: list[HeadOutput] = []
    for x, u in steps:
        mu, sigma, logits, component = model.step(x, u, ones, ones)
        logits = None if logits is None else logits.copy()
        component = None if component is None else component.copy()
        outputs.append(HeadOutput(mu.copy(), sigma.copy(), logits, component))
    return outputs


def widened(steps: Sequence[tuple[F32, F32]]) -> list[tuple[F32, F32]]:
    """The same steps for twice as many rows; the new ones hear what the old ones hear."""
    return [(np.concatenate([x, x]), np.concatenate([u, u])) for x, u in steps]


def rows_equal(model: StepModel, found: Sequence[F32], expected: Sequence[F32], rows: slice) -> None:
    """Some rows of two states, of whatever batches, bit for bit."""
    for tensor, one, other in zip(model.spec.state, found, expected, strict=True):
        axis = tensor.shape.index(-1)
        np.testing.assert_array_equal(np.moveaxis(one, axis, 0)[rows], np.moveaxis(other, axis, 0)[rows])


def same(found: Sequence[HeadOutput], expected: Sequence[HeadOutput]) -> None:
    """Bit for bit."""
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one.mu, other.mu)
        np.testing.assert_array_equal(one.sigma, other.sigma)


class TestScripted(StepModelContract):
    def make(self, batch: int) -> StepModel:
        return ScriptedModel(tiny.scripted_spec(), batch)


class TestScriptedFull(StepModelContract):
    def make(self, batch: int) -> StepModel:
        return ScriptedModel(tiny.scripted_spec("mdn"), batch)


class TestOnnxLazy(StepModelContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.loaded = tiny.lstm(tmp_path, "mdn-lazy")

    def make(self, batch: int) -> StepModel:
        return OnnxModel(self.loaded, batch)


class TestOnnxFull(StepModelContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.loaded = tiny.lstm(tmp_path, "mdn")

    def make(self, batch: int) -> StepModel:
        return OnnxModel(self.loaded, batch)


@pytest.mark.parametrize("kind", ["mdn", "mdn-lazy"])
class TestStandIn(StepModelContract):
    """The model for a GPU, on what stands in for one, and with the CPU standing by."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path, kind: HeadKind) -> None:
        self.loaded = tiny.lstm(tmp_path, kind)

    def make(self, batch: int) -> StepModel:
        return open_cuda(self.loaded, batch, "cuda", spare=partial(OnnxModel, self.loaded, batch), opens=StandIn)


@pytest.mark.parametrize("path", BUNDLED, ids=[path.stem for path in BUNDLED])
class TestBundled(StepModelContract):
    @pytest.fixture(autouse=True)
    def _path(self, path: Path) -> None:
        self.loaded = load(path)

    def make(self, batch: int) -> StepModel:
        return OnnxModel(self.loaded, batch)


@pytest.mark.parametrize("path", BUNDLED, ids=[path.stem for path in BUNDLED])
class TestBundledPacked(StepModelContract):
    @pytest.fixture(autouse=True)
    def _path(self, path: Path) -> None:
        self.loaded = load(path)

    def make(self, batch: int) -> StepModel:
        return open_model(self.loaded, batch)
