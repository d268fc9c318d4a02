"""What a recording costs, and how that is shown."""

import pytest
from rich.console import Console

from engine.bench import recording
from engine.bench.receivers import receivers
from engine.bench.results import Recorded, Report
from engine.bench.tables import tables

ROW = Recorded(
    performers=8, fps=60.0, hot_us=7.5, paced_us=29.0, paced_p99_us=61.0, without_p99_ms=0.02, with_p99_ms=0.03,
    late_without=0, late_with=1, frames=600, dropped=0, mb_per_minute=23.3,
)  # fmt: skip


def test_the_call_that_is_measured_records() -> None:
    recorder = recording.unwritten()
    call = recording.recorded(recorder, 3)
    for _ in range(200):
        call()
    assert len(recorder.reel.shots) == 120
    assert recorder.counters.dropped == 80
    assert len({len(shot.data) for shot in recorder.reel.shots}) == 1


def test_every_figure_is_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(width=80)
    for table in tables(Report(machine={}, recording=(ROW,))):
        console.print(table)
    shown = capsys.readouterr().out.splitlines()
    assert shown[-2].split() == ["8", "7.50", "29.0", "61.0", "0.02", "0.03", "0", "1", "23.3"]


@pytest.mark.live
def test_shows_are_played_with_and_without() -> None:
    with receivers([1]) as (port,):
        [row] = recording.measure(port, 0.5, (1,))
    assert row.frames == recording.TURNS * 30
    assert row.dropped == 0
    assert 0.5 < row.mb_per_minute < 20
