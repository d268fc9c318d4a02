"""The likelihood of held-out clips is that of the next frame, not of another."""

import msgspec
import numpy as np
import pytest
import tiny

from engine.contracts import Loaded
from engine.families.points import Points
from engine.schema.errors import ModelError
from engine.schema.frame import F32
from engine.schema.model import Head
from export.data.clip import Clip
from export.metrics.held_out import READINGS, TeacherForced, held_out_nll

SPEC = msgspec.structs.replace(
    tiny.scripted_spec(), family="points", features=12, head=Head(kind="mdn", components=1, dims=12)
)
LOADED = Loaded(b"", SPEC, {})
SIGMA = 0.01
AT_THE_MEAN = 0.5 * np.log(2 * np.pi) + np.log(SIGMA)


def clip(name: str, frames: int = 40) -> Clip:
    positions = tiny.clips(1, frames)[0]
    positions[:, 3, 1] += 0.1 * np.sin(np.arange(frames))
    return Clip(name=name, positions=positions, fps=30, skeleton=tiny.SKELETON, genre="salsa")


def oracle(shift: int, clip: Clip) -> TeacherForced:
    """Foresees frame t + `shift` after it has been shown frame t."""
    flat = clip.positions.reshape(len(clip), -1)

    def forced(loaded: Loaded, features: F32) -> tuple[F32, F32, F32]:
        del loaded
        seen = np.array([int(np.abs(flat - x).sum(1).argmin()) for x in features])
        mu = flat[np.minimum(seen + shift, len(flat) - 1)][:, None]
        return np.zeros((len(mu), 1), np.float32), mu, np.full_like(mu, SIGMA)

    return forced


def nll(shift: int) -> dict[str, float]:
    held = clip("held")
    return held_out_nll(LOADED, Points(LOADED, 1), [clip("train")], [held], oracle(shift, held))


def test_who_foresees_the_next_frame_has_the_density_of_the_mean() -> None:
    assert nll(1)["model"] == pytest.approx(AT_THE_MEAN, abs=1e-5)


@pytest.mark.parametrize("shift", [0, 2])
def test_who_repeats_or_skips_a_frame_does_not(shift: int) -> None:
    assert nll(shift)["model"] > AT_THE_MEAN + 0.1


def test_baselines_are_in_the_same_numbers() -> None:
    found = nll(1)
    assert set(found) == {"model", "copy_last", "constant_velocity"}
    assert found["constant_velocity"] < found["copy_last"]


def test_a_dance_is_read_from_its_own_deltas() -> None:
    dims = 5
    features = np.arange(60, dtype=np.float32).reshape(5, 12)
    foreseen, deltas = READINGS["dance"](features, np.zeros((6, 4, 3), np.float32), dims)
    assert foreseen.shape == deltas.shape == (5, dims)
    assert foreseen[0].tolist() == [2, 3, 4, 5, 6]


def test_another_family_is_refused() -> None:
    loaded = Loaded(b"", msgspec.structs.replace(SPEC, family="piano"), {})
    with pytest.raises(ModelError, match="piano"):
        held_out_nll(loaded, Points(LOADED, 1), [clip("a")], [clip("b")], lambda _, x: (x, x, x))
