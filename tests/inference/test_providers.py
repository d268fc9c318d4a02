"""Sessions that cannot be had."""

import onnxruntime
import pytest
import tiny

from engine.inference.device import CUDA, driver_devices
from engine.inference.providers import REFUSALS, open_session, open_streamed
from engine.schema.errors import DeviceError, ModelError


def test_cuda_without_its_libraries_is_refused_in_silence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    if CUDA not in onnxruntime.get_available_providers() or driver_devices() > 0:
        pytest.skip("needs an ONNX Runtime with CUDA on a machine without a GPU")
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None)
    graph = tiny.lstm_model().SerializeToString()
    with pytest.raises((DeviceError, *REFUSALS)):
        open_streamed("tiny", graph, 0, captured=True)
    assert capfd.readouterr() == ("", "")


def test_what_onnx_runtime_refuses_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ModelError, match="tiny: ") as caught:
        open_session("tiny", b"no model")
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")
