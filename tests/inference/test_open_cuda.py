"""Opening a model on the GPU, on a stand-in for it."""

import builtins
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import tiny
from stand_in import PROVIDER, StandIn

from engine.contracts import Drawing, Loaded
from engine.inference.cuda_device import LostError
from engine.inference.cuda_model import CudaModel
from engine.inference.device import CPU
from engine.inference.onnx_model import OnnxModel
from engine.inference.open_cuda import open_cuda, try_out
from engine.inference.standby import Standby
from engine.schema.errors import DeviceError, ModelError

BATCH = 3


@pytest.fixture(params=["mdn", "mdn-lazy"])
def loaded(request: pytest.FixtureRequest, tmp_path: Path) -> Loaded:
    return tiny.lstm(tmp_path, request.param)


def test_a_gpu_that_agrees_is_taken_and_starts_afresh(loaded: Loaded) -> None:
    spare = OnnxModel(loaded, BATCH)
    model = open_cuda(loaded, BATCH, "cuda", spare=lambda: spare, opens=StandIn)
    assert isinstance(model, Standby)
    assert isinstance(model, Drawing)
    assert model.provider == PROVIDER
    assert not any(tensor.any() for tensor in (*model.state(), *spare.state()))
    model.close()


def test_of_many_rows_some_are_tried_out(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.inference.open_cuda.ROWS", 2)
    make = partial(OnnxModel, loaded, BATCH)
    model = open_cuda(loaded, BATCH, "cuda", spare=make, opens=StandIn)
    assert not any(tensor.any() for tensor in model.state())
    model.close()
    with pytest.raises(DeviceError, match="samples are off by"):
        open_cuda(loaded, BATCH, "cuda", spare=make, opens=partial(StandIn, wrong=0.01))


@pytest.mark.parametrize("wrong", [1e-2, float("nan")])
def test_a_gpu_that_disagrees_is_not(loaded: Loaded, wrong: float) -> None:
    opens = partial(StandIn, wrong=wrong)
    make = partial(OnnxModel, loaded, BATCH)
    with pytest.raises(DeviceError, match="samples are off by") as caught:
        open_cuda(loaded, BATCH, "cuda", spare=make, opens=opens)
    assert "\n" not in str(caught.value)
    model = open_cuda(loaded, BATCH, "auto", spare=make, opens=opens)
    assert model.provider.startswith(f"{CPU}, as the GPU is of no use: its samples are off by")
    assert not any(tensor.any() for tensor in model.state()), "what the try-out left would be danced on from"


def test_a_state_that_disagrees_is_refused(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    model, expected = CudaModel(loaded, BATCH, StandIn), OnnxModel(loaded, BATCH)
    monkeypatch.setattr(model, "state", lambda: tuple(tensor + np.float32(1e-3) for tensor in expected.state()))
    with pytest.raises(LostError, match="its state is off by 1"):
        try_out(model, expected)


def test_a_gpu_that_cannot_be_opened_is_one_line(loaded: Loaded) -> None:
    def none() -> StandIn:
        raise OSError("no such\ndevice")

    make = partial(OnnxModel, loaded, BATCH)
    with pytest.raises(DeviceError, match="device: OSError: no such device; expected a GPU"):
        open_cuda(loaded, BATCH, "cuda", spare=make, opens=none)
    found = open_cuda(loaded, BATCH, "auto", spare=make, opens=none)
    assert found.provider == found.resized(2).provider == f"{CPU}, as the GPU is of no use: OSError: no such device"


def test_packages_that_are_missing_are_named(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *arguments: object) -> object:
        if name == "engine.inference.cuda_driver":
            raise ModuleNotFoundError("No module named 'cuda'")
        return real(name, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(DeviceError, match=r"No module named 'cuda'; .*\(pip install 'figurant\[cuda\]'"):
        open_cuda(loaded, BATCH, "cuda", spare=partial(OnnxModel, loaded, BATCH))


def test_a_model_that_the_cpu_refuses_is_the_models_fault(loaded: Loaded) -> None:
    def refuse() -> OnnxModel:
        raise ModelError("tiny", "nonsense", "sense")

    with pytest.raises(ModelError):
        open_cuda(loaded, BATCH, "auto", spare=refuse, opens=StandIn)
