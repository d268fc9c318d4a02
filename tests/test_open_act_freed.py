"""A show collects no garbage: what gave way has to go by itself."""

import gc
import weakref

from engine.bundled import MODELS
from engine.inference.open_model import open_model
from engine.inference.vet import load
from engine.open_act import make_act


def test_an_act_that_nobody_holds_is_freed_at_once() -> None:
    loaded = load(MODELS / "dance.onnx")
    gc.collect()
    gc.disable()
    try:
        model = open_model(loaded, 2)
        act = make_act(loaded, model, seed=1, rows=4, performers=(1, 2))
        act.tick()
        gone = weakref.ref(act), weakref.ref(model)
        act.close()
        del act, model
        assert [each() for each in gone] == [None, None]
    finally:
        gc.enable()
