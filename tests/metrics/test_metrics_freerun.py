"""Free runs of scripted models."""

from collections.abc import Callable

import numpy as np
import tiny
from tiny import TinyFamily

from engine.act import Act
from engine.contracts import StepModel
from engine.inference.scripted import ScriptedModel
from engine.priming import warm
from engine.schema.controls import Controls
from engine.schema.frame import F32
from export.metrics.freerun import Run, Unguarded, free_run

SPEC = tiny.scripted_spec()
PRIME = tiny.clips(1)[0]


def steady(batch: int) -> StepModel:
    return ScriptedModel(SPEC, batch, memory=0.0, sigma=0.05)


def broken(batch: int) -> StepModel:
    return ScriptedModel(SPEC, batch, memory=0.0, broken=[(step, 0) for step in range(20, 400)])


def run(make_model: Callable[[int], StepModel], frames: int, seed: int = 7) -> Run:
    return free_run(
        make_model,
        lambda: TinyFamily(SPEC, 1),
        PRIME,
        seed=seed,
        frames=frames,
        controls=Controls(),
        advance=lambda _: None,
    )


def test_a_run_is_what_the_act_shows() -> None:
    found = run(steady, 100)
    act = Act(
        steady(1),
        TinyFamily(SPEC, 1),
        seed=7,
        primes=warm(steady, TinyFamily(SPEC, 1), PRIME[None]),
        freeze_speed=0.0,
    )
    shown = np.stack([act.tick().pose.positions[0].copy() for _ in range(100)])
    assert np.array_equal(found.positions, shown)
    assert (found.guarded, found.bare) == (0, False)


def test_another_seed_dances_otherwise() -> None:
    assert not np.array_equal(run(steady, 50).positions, run(steady, 50, seed=8).positions)


def test_without_guard_a_sound_model_gives_the_same_bytes() -> None:
    primes = warm(steady, TinyFamily(SPEC, 1), PRIME[None])
    alone = Unguarded(steady(1), TinyFamily(SPEC, 1), primes, 7, Controls())
    positions: list[F32] = [alone.tick(frame).copy() for frame in range(60)]
    assert np.array_equal(np.stack(positions), run(steady, 60).positions)


def test_what_the_guard_hides_is_measured() -> None:
    found = run(broken, 200)
    assert found.guarded > 2
    assert found.bare
    assert not np.isfinite(found.positions).all()


def test_progress_adds_up_to_the_length() -> None:
    heard: list[int] = []
    free_run(
        steady,
        lambda: TinyFamily(SPEC, 1),
        PRIME,
        seed=1,
        frames=1100,
        controls=Controls(),
        advance=heard.append,
    )
    assert heard == [500, 500, 100]
