"""Vector arithmetic that Numba has no words for, as LLVM code: products with packed weights, and an exponential.

Every output is summed over its inputs one after the other with fused multiply-adds, whichever other rows are multiplied
beside it and however wide the vectors of the processor are. So the same numbers give the same bits in every batch.
"""

import platform
from collections.abc import Callable
from functools import cache
from itertools import product
from typing import Any, cast

import llvmlite.binding
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from engine.kernel import kernel
from engine.schema.frame import F32

PANEL = 64
"""Outputs whose weights lie together: those for the first input, then those for the second, and so on."""

BLOCK = 4
"""Rows that are multiplied together, so that each weight is loaded and widened once for all of them."""

FLOAT, HALF, INT = ir.FloatType(), ir.HalfType(), ir.IntType(32)
SIZE = ir.IntType(64)

Intrinsic = Callable[..., Any]


@cache
def _features() -> dict[str, bool]:
    """What the processor can do, by LLVM's names."""
    return dict(llvmlite.binding.get_host_cpu_features())


def supported() -> bool:
    """Whether the processor multiplies and adds in one go and knows half precision: all since 2013, and all ARM64."""
    if platform.machine().lower() in {"arm64", "aarch64"}:
        return True
    return all(_features().get(name, False) for name in ("fma", "f16c"))


def _wide() -> bool:
    """Whether there are registers for `BLOCK` rows of a whole panel."""
    return _features().get("avx512f", False)


PART = PANEL if _wide() else 16
"""Outputs of a block that are kept in registers at a time."""


class _Product:
    """Code that multiplies `rows` rows of inputs by `outputs` neighbouring columns of a panel.

    In vectors of `lanes`: conversions from half precision are faster in narrow ones, products of several rows in wide.
    """

    def __init__(self, rows: int, outputs: int, lanes: int) -> None:
        self.rows, self.vectors, self.lanes = range(rows), range(outputs // lanes), lanes
        self.vector = ir.VectorType(FLOAT, lanes)

    def intrinsic(self) -> Intrinsic:
        """As a function that compiled code can call; places are counted in elements, from the start of each array."""

        def product(
            typing_context: Any,
            weights: Any,
            at: Any,
            bias: Any,
            bias_at: Any,
            x: Any,
            x_at: Any,
            x_stride: Any,
            depth: Any,
            out: Any,
            out_at: Any,
            out_stride: Any,
        ) -> Any:
            if any(array.layout != "C" for array in (weights, bias, x, out)):
                return None
            if any(array.dtype != types.float32 for array in (bias, x, out)):
                return None  # they are read as what they should be, whatever they are
            if weights.dtype not in (types.float32, types.uint16):
                return None
            size = types.int64
            return types.void(weights, size, bias, size, x, size, size, size, out, size, size), self.generate

        return cast("Intrinsic", intrinsic(product))

    def generate(self, context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        """Write the loop over the inputs, with all sums in registers."""
        weights, at, bias, bias_at, x, x_at, x_stride, depth, out, out_at, out_stride = arguments
        stored = FLOAT if signature.args[0].dtype == types.float32 else HALF

        def start(index: int, value: Any, offset: Any, kind: Any) -> Any:
            data = context.make_array(signature.args[index])(context, builder, value).data
            return builder.gep(builder.bitcast(data, kind.as_pointer()), [offset])

        panel, inputs = start(0, weights, at, stored), start(4, x, x_at, FLOAT)
        biases, results = start(2, bias, bias_at, FLOAT), start(8, out, out_at, FLOAT)
        first = [self._load(builder, biases, SIZE(index * self.lanes), FLOAT) for index in self.vectors]
        entry = builder.block
        head, body, done = (builder.append_basic_block(name) for name in ("head", "body", "done"))
        builder.branch(head)
        builder.position_at_end(head)
        step = builder.phi(SIZE)
        step.add_incoming(SIZE(0), entry)
        sums = [[builder.phi(self.vector) for _ in self.vectors] for _ in self.rows]
        for row, index in product(self.rows, self.vectors):
            sums[row][index].add_incoming(first[index], entry)
        builder.cbranch(builder.icmp_signed("<", step, depth), body, done)
        builder.position_at_end(body)
        columns = self._columns(builder, panel, step, stored)
        for row in self.rows:
            place = builder.add(step, builder.mul(x_stride, SIZE(row)))
            value = self._everywhere(builder, builder.load(builder.gep(inputs, [place])))
            for total, column in zip(sums[row], columns, strict=True):
                total.add_incoming(builder.call(_fma(builder, self.vector), [value, column, total]), body)
        step.add_incoming(builder.add(step, SIZE(1)), body)
        builder.branch(head)
        builder.position_at_end(done)
        for row, index in product(self.rows, self.vectors):
            offset = builder.add(builder.mul(out_stride, SIZE(row)), SIZE(index * self.lanes))
            place = builder.bitcast(builder.gep(results, [offset]), self.vector.as_pointer())
            builder.store(sums[row][index], place, align=4)
        return context.get_dummy_value()

    def _columns(self, builder: Any, panel: Any, step: Any, stored: Any) -> list[Any]:
        """The weights of one input, as float32."""
        begin = builder.mul(step, SIZE(PANEL))
        offsets = [builder.add(begin, SIZE(index * self.lanes)) for index in self.vectors]
        columns = [self._load(builder, panel, offset, stored) for offset in offsets]
        return columns if stored is FLOAT else [builder.fpext(column, self.vector) for column in columns]

    def _load(self, builder: Any, pointer: Any, offset: Any, kind: Any) -> Any:
        vector = ir.VectorType(kind, self.lanes)
        place = builder.bitcast(builder.gep(pointer, [offset]), vector.as_pointer())
        return builder.load(place, align=4 if kind is FLOAT else 2)

    def _everywhere(self, builder: Any, value: Any) -> Any:
        """The same number in every lane."""
        blank = ir.Constant(self.vector, ir.Undefined)
        alone = builder.insert_element(blank, value, INT(0))
        return builder.shuffle_vector(alone, blank, ir.Constant(ir.VectorType(INT, self.lanes), [0] * self.lanes))


def _fma(builder: Any, kind: Any) -> Any:
    name = f"llvm.fma.v{kind.count}f32" if isinstance(kind, ir.VectorType) else "llvm.fma.f32"
    known = builder.module.globals.get(name)
    return known or ir.Function(builder.module, ir.FunctionType(kind, [kind] * 3), name)


_one = _Product(1, PANEL, 8).intrinsic()
_block = _Product(BLOCK, PART, 16 if PART == PANEL else 8).intrinsic()


@kernel
def multiply(weights: F32, at: int, depth: int, panels: int, bias: F32, bias_at: int, x: F32, out: F32) -> None:
    """Write `x @ weights + bias` into the first columns of `out`.

    Args:
        weights: float32, or float16 seen as uint16; from `at` on `panels` panels of `depth` inputs.
        at: where they begin.
        depth: K, inputs.
        panels: of `PANEL` outputs.
        bias: from `bias_at` on one for each output.
        bias_at: where they begin.
        x: (B, K or more), in C order.
        out: (B, panels * PANEL or more), in C order.
    """
    batch, wide, far = x.shape[0], x.shape[1], out.shape[1]
    for panel in range(panels):
        place, first = at + panel * depth * PANEL, panel * PANEL
        row = 0
        while row + BLOCK <= batch:
            for part in range(0, PANEL, PART):
                _block(
                    weights,
                    place + part,
                    bias,
                    bias_at + first + part,
                    x,
                    row * wide,
                    wide,
                    depth,
                    out,
                    row * far + first + part,
                    far,
                )
            row += BLOCK
        while row < batch:
            _one(weights, place, bias, bias_at + first, x, row * wide, wide, depth, out, row * far + first, far)
            row += 1


LOWEST, HIGHEST = -87.0, 88.0
"""Beyond these exponents the result is held: it stays a normal number."""

LOG2_E = float(np.float32(np.log2(np.e)))
LN2_HIGH, LN2_LOW = 0.693359375, -2.12194440e-4
"""ln 2 in two parts, the first with so few bits that its product with a whole exponent is exact."""

ROUNDER = 12582912.0
"""1.5 * 2^23: added to a float32 it rounds it to a whole number, which then stands in the lowest bits."""

SERIES = (1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1.0, 1.0)
"""Coefficients of the exponential around 0; an eighth power would not be seen for |x| < ln 2 / 2."""


def _exponential(typing_context: Any, x: Any) -> Any:
    """`exp(x)` of a float32, within two units in the last place; NaN stays NaN. A loop over it is vectorised."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        fma = _fma(builder, FLOAT)
        (value,) = arguments
        for order, bound in (("<", LOWEST), (">", HIGHEST)):
            value = builder.select(builder.fcmp_ordered(order, value, FLOAT(bound)), FLOAT(bound), value)
        marked = builder.call(fma, [value, FLOAT(LOG2_E), FLOAT(ROUNDER)])
        whole = builder.fsub(marked, FLOAT(ROUNDER))
        rest = builder.call(fma, [whole, FLOAT(-LN2_HIGH), value])
        rest = builder.call(fma, [whole, FLOAT(-LN2_LOW), rest])
        series = FLOAT(float(np.float32(SERIES[0])))
        for coefficient in SERIES[1:]:
            series = builder.call(fma, [series, rest, FLOAT(float(np.float32(coefficient)))])
        exponent = builder.shl(builder.add(builder.bitcast(marked, INT), INT(127)), INT(23))
        return builder.fmul(series, builder.bitcast(exponent, FLOAT))

    return types.float32(types.float32), generate


exponential = cast("Callable[[Any], Any]", intrinsic(_exponential))
