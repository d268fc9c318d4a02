"""How long a measurement takes, worked out before."""

import pytest

from engine.bench import clock, length
from engine.bench.turns import Rival, paced


@pytest.mark.parametrize("pace", ["hot", "30", "60"])
def test_a_longer_measurement_of_more_candidates_takes_longer(pace: str) -> None:
    assert length.step("file", pace, 1.0) < length.step("reference", pace, 1.0) < length.step("reference", pace, 2.0)


def test_a_paced_step_takes_what_its_frames_take() -> None:
    steps: list[int] = []
    rivals = [Rival(str(number), lambda: steps.append(0), 8) for number in range(length.STEPPING["gpu"])]
    paced(rivals, 0.02, 1000)
    assert length.step("gpu", "1000", 0.02) == pytest.approx(len(steps) / 1000)


def test_clocks_take_their_time_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "trial", lambda: "none")
    rows = len(clock.loads()) * 2
    assert length.clocks((30.0, 60.0), 5.0) == rows * 2 * 5.0


@pytest.mark.parametrize(("seconds", "told"), [(0.0, "1 s"), (41.4, "41 s"), (1620.0, "27 minutes")])
def test_a_length_is_told_in_words(seconds: float, told: str) -> None:
    assert length.told(seconds) == told
