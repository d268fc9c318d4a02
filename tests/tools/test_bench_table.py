"""The figures of the README, from the file that the benchmark keeps."""

import bench_table
from readme_table import README, fill

from engine.bench.results import Crowd, Footprint, Report, Step

MACHINE = {"processor": "abacus", "cores": "2", "python": "3.11"}


def step(candidate: str, ratio: float, pace: str = "hot") -> Step:
    return Step(
        candidate=candidate,
        model="R1",
        batch=1,
        pace=pace,
        median_us=10 * ratio,
        p99_us=99.0,
        ratio_to_floor=ratio,
        bytes=8,
        noise=0.25,
        steps=9,
    )


def test_each_candidate_has_a_row_and_each_way_that_was_measured_a_column() -> None:
    made = bench_table.text(Report(machine=MACHINE, step=(step("engine-x", 2.0), step("floor-read", 1.0))))
    assert "abacus" in made
    assert "up to 25 %" in made
    assert "| R1 | `engine-x` | 20.0 (2.00x) |" in made
    assert "| R1 | `floor-read` | 10.0 |" in made
    assert "60 fps" not in made


def test_the_rest_is_a_line_each() -> None:
    crowd = Crowd(performers=7, pace="60", median_us=1.0, p99_us=1.0, frames=1, late=0)
    shown = Footprint(fps=30.0, fps_sent=30.0, seconds=1.0, cpu_share=0.031, rss_mb=200.0, growth_mb=0.0)
    made = bench_table.rest(Report(machine=MACHINE, crowd=(crowd,), footprint=shown))
    assert "0 at 30 fps and 7 at 60 fps" in made
    assert "3.1 % of a core, 200 MB" in made


def test_the_readme_has_a_place_for_them() -> None:
    assert "the figures" in fill(README.read_text(encoding="utf-8"), {bench_table.NAME: "the figures"})
