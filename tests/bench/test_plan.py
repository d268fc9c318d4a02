"""What is measured where little is said."""

from pathlib import Path

import pytest

from engine.bench import plan
from engine.bench.plan import BATCHES, SECTIONS, Asked, make
from engine.schema.errors import ConfigError, DeviceError


def test_everything_is_measured_where_nothing_is_said() -> None:
    made = make(Asked())
    assert made.sections == SECTIONS
    assert made.models == ("R1", "R2", "R3")
    assert made.steps == (("hot", BATCHES["cpu"]), ("30", (1,)), ("60", (1,)))
    assert made.clocks == (60.0,)


def test_what_is_said_about_the_step_means_the_step_and_exactly_that() -> None:
    made = make(Asked(models=("R3", "R3"), batches=(64, 1), paces=("60",)))
    assert made.sections == ("step",)
    assert made.models == ("R3",)
    assert made.steps == (("60", (64, 1)),)
    assert make(Asked(batches=(2,))).steps == (("hot", (2,)), ("30", (2,)), ("60", (2,)))


def test_sections_come_in_their_order_and_all_clocks_where_they_are_asked_for() -> None:
    made = make(Asked(sections=("clock", "parts"), models=("R1",)))
    assert made.sections == ("parts", "clock")
    assert made.clocks == (30.0, 60.0, 120.0)


def test_a_bundled_model_is_found_by_its_name() -> None:
    (path,) = make(Asked(models=("dance",))).models
    assert Path(path).is_file()


def test_a_gpu_has_larger_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "choose", lambda _: ("CUDAExecutionProvider",))
    made = make(Asked(device="cuda"))
    assert made.sections == ("step",)
    assert made.steps == (("hot", (1, 64, 1024, 4096)), ("60", (1, 64, 1024, 4096)))


def test_on_a_gpu_there_is_the_step_alone_in_batches_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "choose", lambda _: ("CUDAExecutionProvider",))
    assert make(Asked(batches=(65536,), device="cuda", sections=("step",))).sections == ("step",)
    with pytest.raises(ConfigError, match="crowd on a GPU; expected step"):
        make(Asked(device="cuda", sections=("crowd",)))


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        (Asked(sections=("all",)), "--part"),
        (Asked(paces=("25",)), "--pace"),
        (Asked(batches=(0,)), "--batch"),
        (Asked(batches=(4097,)), "--batch"),
        (Asked(models=("R3",), plot=Path("x.txt")), "--plot"),
        (Asked(models=("R3",), plot=Path("x")), "--plot"),
        (Asked(seconds=0.0), "--seconds"),
        (Asked(seconds=float("nan")), "--seconds"),
        (Asked(models=("nobody",)), "--model"),
        (Asked(json=Path("/no/such/folder/x.json")), "--json"),
        (Asked(sections=("start",), plot=Path("x.png")), "--plot"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: Asked, place: str) -> None:
    with pytest.raises(ConfigError) as raised:
        make(asked)
    assert raised.value.place == place


def test_a_device_that_is_none_is_refused() -> None:
    with pytest.raises(DeviceError):
        make(Asked(device="tpu"))


def test_a_picture_needs_matplotlib(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(plan, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="pip install 'figurant\\[export\\]'"):
        make(Asked(plot=tmp_path / "x.png"))
