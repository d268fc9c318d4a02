"""Is a model file what its checkpoint is? Every family's file is held beside its network."""

from pathlib import Path
from typing import NamedTuple

from export import convlstm_verify, picture_verify
from export import verify as stepping
from export.checkpoint import Trained

STEPS, FORESEEN = 1000, 200
"""Steps with forced inputs, and pictures that one that foresees them is given, where nobody says how many."""


class Checked(NamedTuple):
    """What to tell, line by line, and whether all is as it should be."""

    lines: list[str]
    passed: bool


def checked(trained: Trained, model: Path, steps: int | None = None) -> Checked:
    """Compute with the engine's model and with its network, and compare.

    Args:
        trained: what a checkpoint holds.
        model: the .onnx file.
        steps: how many; None: as many as the family needs.

    Raises:
        ModelError: the file is no model, or that of another checkpoint.
        DataError: it is shown digits, and there are none.
    """
    if trained.spec.family == "frames":
        foreseen = convlstm_verify.verify(trained, model, steps=steps or FORESEEN)
        return Checked([str(foreseen)], foreseen.passed)
    parities = stepping.verify(trained, model, steps=steps or STEPS)
    found = Checked([str(one) for one in parities], all(one.passed for one in parities))
    if trained.spec.family != "latents":
        return found
    drawn = picture_verify.verify(trained, model)
    return Checked([*found.lines, str(drawn)], found.passed and drawn.passed)
