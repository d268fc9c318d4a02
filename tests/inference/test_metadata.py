import base64
import io
import json
import zipfile

import numpy as np
import pytest
import tiny

from engine.inference.metadata import pack, unpack
from engine.schema.errors import ModelError
from engine.schema.model import ARRAYS_KEY, SPEC_KEY

SPEC = tiny.lstm_spec()


def test_a_description_and_its_arrays_come_back() -> None:
    arrays = {
        "basis": np.arange(6, dtype=np.float32).reshape(2, 3),
        "bank": np.asfortranarray(np.arange(6.0).reshape(3, 2)),
        "names": np.array(["a", "bc"]),
        "none": np.zeros((0, 4), np.float32),
    }
    spec, back = unpack("tiny.onnx", pack(SPEC, arrays))
    assert spec == SPEC
    assert list(back) == list(arrays)
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype
        np.testing.assert_array_equal(back[name], array)
        assert back[name].flags.writeable


def test_the_same_values_give_the_same_text() -> None:
    arrays = {"bank": np.ones((3, 2), np.float32)}
    assert pack(SPEC, arrays) == pack(SPEC, arrays)


def test_numpy_reads_the_arrays_as_well() -> None:
    text = pack(SPEC, {"bank": np.ones((3, 2), np.float32)})[ARRAYS_KEY]
    with np.load(io.BytesIO(base64.b64decode(text)), allow_pickle=False) as archive:
        np.testing.assert_array_equal(archive["bank"], np.ones((3, 2), np.float32))


def test_objects_are_not_packed() -> None:
    with pytest.raises(ModelError, match="Python objects"):
        pack(SPEC, {"bad": np.array([object()])})


def described(**changes: object) -> dict[str, str]:
    fields = json.loads(pack(SPEC, {})[SPEC_KEY])
    return {SPEC_KEY: json.dumps(fields | changes)}


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({}, "no figurant.spec"),
        ({SPEC_KEY: "{"}, r"figurant\.spec: Input data was truncated"),
        ({SPEC_KEY: '{"format": 1}'}, "missing required field `name`"),
        ({SPEC_KEY: "[" * 100_000}, "figurant.spec"),
        ({SPEC_KEY: " " * (4 << 20) + "{}"}, "at most"),
        (described(format=2), "version 2; expected version 1"),
        (described(colour="red"), "unknown field `colour`"),
        (described(fps="30"), r"Expected `float`, got `str` - at `\$.fps`"),
        (described(fps=0), "fps: 0.0; expected more than 0"),
        (described(fps=1001), "fps: 1001"),
        (described(features=0), "features: 0"),
        (described(head={"kind": "mdn", "components": 2, "dims": 10**9}), "head.dims"),
        (described(head={"kind": "tree", "components": 2, "dims": 1}), "Invalid enum value"),
        (described(state=[{"input": "h", "output": "i", "shape": [1, 2]}]), r"state\[0\].shape"),
        (described(state=[{"input": "h", "output": "i", "shape": [-1, 1 << 12, 1 << 12]}]), r"state\[0\].shape"),
        (described(skeleton={"names": ["a"], "parents": [0], "offsets": [[0, 0, 0]], "facing": []}), "0 roots"),
    ],
)
def test_a_bad_description_is_named(metadata: dict[str, str], message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        unpack("tiny.onnx", metadata)
    assert str(caught.value).startswith("tiny.onnx")
    assert "\n" not in str(caught.value)


def npz(name: str, data: bytes, kind: int = zipfile.ZIP_DEFLATED) -> str:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        archive.writestr(name, data)
    return base64.b64encode(file.getvalue()).decode()


def npy(array: np.ndarray, *, shape: tuple[int, ...] | None = None, pickled: bool = False) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=(1, 0), allow_pickle=pickled)
    data = file.getvalue()
    return data if shape is None else data.replace(str(array.shape).encode(), str(shape).encode())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not base64!", "base64"),
        (base64.b64encode(b"no zip").decode(), "not a zip"),
        (npz("a.npy", b"nothing"), "magic"),
        (npz("a.npy", npy(np.array([{}], object), pickled=True)), "a.npy: Python objects"),
        (npz("a.npy", npy(np.zeros(3), shape=(9,))), "24 bytes for"),
        (npz("a.npy", npy(np.zeros((3, 1)), shape=(1, 10**15))[:300]), "bytes for|header"),
        (npz("a.npy", npy(np.zeros(3)), zipfile.ZIP_LZMA), "rare"),
        (npz("a.npy", bytes((256 << 20) + 1)), "bytes"),
    ],
)
def test_bad_arrays_are_named(text: str, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        unpack("tiny.onnx", pack(SPEC, {}) | {ARRAYS_KEY: text})
    assert str(caught.value).startswith("tiny.onnx: figurant.arrays")


def test_a_cut_archive_is_named() -> None:
    text = pack(SPEC, {"bank": np.random.default_rng(1).normal(size=1000)})[ARRAYS_KEY]
    data = bytearray(base64.b64decode(text))
    data[200] ^= 0xFF
    with pytest.raises(ModelError, match=r"figurant\.arrays"):
        unpack("tiny.onnx", pack(SPEC, {}) | {ARRAYS_KEY: base64.b64encode(data).decode()})
