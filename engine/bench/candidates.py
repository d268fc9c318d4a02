"""Everything that can step a model: the engine in all its ways, its rivals, and the floors."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from engine.bench import reference
from engine.bench.floors import ArithmeticFloor, ReadFloor
from engine.bench.inventory import Inventory, inventory
from engine.bench.reference import R1, R2, R3, Precision, Reference
from engine.bench.rivals import PlainOnnx, torches
from engine.bench.turns import Rival
from engine.contracts import Knobs, Loaded, StepModel
from engine.inference.metadata import pack
from engine.inference.onnx_file import encode
from engine.inference.onnx_model import OnnxModel
from engine.inference.open_model import open_model
from engine.inference.packed_model import PackedModel
from engine.inference.recognise import recognise
from engine.inference.step_graph import build
from engine.inference.vet import load
from engine.sampling.mdn import Sampler
from engine.schema.frame import F32
from engine.schema.model import HeadKind

REFERENCES: Mapping[str, Reference] = {"R1": R1, "R2": R2, "R3": R3}

READ, ARITHMETIC = FLOORS = ("floor-read", "floor-arithmetic")

HALF = 2
"""Bytes of a number in half precision."""

MOMENTS = 64
"""Inputs and noise that a candidate goes through in turn: with the same ones again and again it would always choose the
same component, whose weights would then always be at hand."""


class Subject(NamedTuple):
    """A model that is measured.

    Attributes:
        name: R1, R2, R3 or that of its file.
        plain: with a full head and in float32, as others would export it; None where there is no such file.
        full: with a full head; likewise.
        lazy: with a lazy head; likewise.
        half: likewise, with weights in half precision.
        whole: likewise, with 8-bit whole numbers for weights.
        shape: of a reference model.
        weights: what its floors are made of.
    """

    name: str
    plain: Loaded | None
    full: Loaded | None
    lazy: Loaded | None
    half: Loaded | None
    whole: Loaded | None
    shape: Reference | None
    weights: Inventory


def subject(name: str, folder: Path) -> Subject:
    """A reference model, written into a folder, or one from a file.

    Raises:
        ModelError: the file is no model.
    """
    shape = REFERENCES.get(name)
    if shape is None:
        return _from_file(Path(name), folder)
    path = folder / f"{name}.onnx"

    def made(kind: HeadKind, precision: Precision) -> Loaded:
        reference.write(shape, path, kind=kind, precision=precision)
        return load(path)

    full, lazy, half, whole = (
        made("mdn", "float32"),
        made("mdn-lazy", "float32"),
        made("mdn-lazy", "float16"),
        made("mdn-lazy", "int8"),
    )
    return Subject(name, full, full, lazy, half, whole, shape, inventory(full))


def _from_file(path: Path, folder: Path) -> Subject:
    loaded = load(path)
    plain, held = _plain(loaded, folder / f"{path.stem}.plain.onnx"), inventory(loaded)
    if held.width < HALF:
        return Subject(path.stem, plain, None, None, None, loaded, None, held)
    chooses = loaded.spec.head.kind == "mdn-lazy"
    full, lazy = (None, loaded) if chooses else (loaded, None)
    return Subject(path.stem, plain, full, lazy, None, None, None, held)


def _plain(loaded: Loaded, path: Path) -> Loaded | None:
    """The same network with a full head and in float32, written into a file; None of a graph that is not ours."""
    found = recognise(loaded.graph, loaded.spec)
    if found is None:
        return None
    spec = replace(loaded.spec, head=replace(loaded.spec.head, kind="mdn"))
    path.write_bytes(encode(build(found.weights, "mdn"), spec, pack(spec, loaded.arrays)))
    return load(path)


class Drawn:
    """A step of the engine and a sample of what it gives, with noise that was made before."""

    def __init__(self, model: StepModel) -> None:
        head, batch = model.spec.head, model.batch
        noise = np.random.default_rng(1)
        self._step, self._sampler = model.step, Sampler(head, batch)
        self._x: F32 = noise.normal(0.0, 0.3, (MOMENTS, batch, model.spec.features)).astype(np.float32)
        self._u: F32 = noise.random((MOMENTS, batch), np.float32)
        self._normals: F32 = noise.standard_normal((batch, head.dims), np.float32)
        self._knobs = Knobs(*(np.ones(batch, np.float32) for _ in Knobs._fields))
        self._moment = 0

    def __call__(self) -> None:
        """One step, and one sample for each row."""
        self._moment = moment = (self._moment + 1) % MOMENTS
        u, knobs = self._u[moment], self._knobs
        output = self._step(self._x[moment], u, knobs.pi_temperature, knobs.top_p)
        self._sampler.draw(output, u, self._normals, knobs)


def rivals(measured: Subject, batch: int, opened: ExitStack) -> list[Rival]:
    """Everybody who steps a model in a batch, the floors at the end; `opened` closes what is opened here."""
    weights = measured.weights
    found = [_ours(name, loaded, model, opened) for name, loaded, model in _models(measured, batch)]
    everything = weights.full
    if measured.plain is not None:
        found.append(Rival("onnxruntime-plain", PlainOnnx(measured.plain, batch), everything))
    found += [Rival(name, step, everything) for name, step in _torches(measured.shape, batch).items()]
    arithmetic = ArithmeticFloor(weights.flops(batch))
    return [
        *found,
        Rival(READ, ReadFloor(everything), everything),
        Rival(ARITHMETIC, arithmetic, everything, scale=arithmetic.scale),
    ]


def _models(measured: Subject, batch: int) -> Iterator[tuple[str, Loaded, StepModel]]:
    """The engine's ways of stepping a model: name, file, and the model."""
    for loaded, head in ((measured.lazy, ""), (measured.half, ""), (measured.full, "-full")):
        model = None if loaded is None else open_model(loaded, batch)
        if loaded is not None and isinstance(model, PackedModel):
            yield f"engine-packed-f{8 * inventory(loaded).width}{head}", loaded, model
    for kind, loaded in (("lazy", measured.lazy), ("full", measured.full), ("int8", measured.whole)):
        if loaded is not None:
            yield f"engine-ort-{kind}", loaded, OnnxModel(loaded, batch)


def _ours(name: str, loaded: Loaded, model: StepModel, opened: ExitStack) -> Rival:
    opened.callback(model.close)
    return Rival(name, Drawn(model), inventory(loaded).reads(batch=model.batch))


def _torches(shape: Reference | None, batch: int) -> Mapping[str, Callable[[], object]]:
    """PyTorch, where it is installed and knows the shape."""
    if shape is None:
        return {}
    try:
        return torches(shape, batch)
    except ImportError:
        return {}
