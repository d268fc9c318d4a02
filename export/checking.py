"""Is a model file what its checkpoint is? Every family's file is held beside its network."""

from pathlib import Path
from typing import NamedTuple

from export import convlstm_verify, picture_verify, sign_verify
from export import verify as stepping
from export.checkpoint import Trained

STEPS, FORESEEN, HEARD = 1000, 200, 200
"""Steps with forced inputs, pictures that one that foresees them is given, and samples of each stream of signs, where
nobody says how many; the longest recorded sign has 136 samples."""


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
    if trained.spec.family == "signs":
        heard = sign_verify.verify(trained, model, steps=steps or HEARD)
        return Checked([str(heard)], heard.passed)
    parities = stepping.verify(trained, model, steps=steps or STEPS)
    found = Checked([str(one) for one in parities], all(one.passed for one in parities))
    if trained.spec.family != "latents":
        return found
    drawn = picture_verify.verify(trained, model)
    return Checked([*found.lines, str(drawn)], found.passed and drawn.passed)
