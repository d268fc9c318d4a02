"""Knobs on their way to what was asked for."""

import math
from itertools import pairwise

import pytest

from engine.controls.board import Board
from engine.motion.ease import ease
from engine.schema.controls import PARAMETERS, Controls, expanded, make_controls, reader
from engine.schema.kinds import Easing
from engine.schema.show import SIGN, Place

FPS = 60
TABLE = expanded(PARAMETERS)


def board(**initial: float) -> Board:
    return Board(TABLE, fps=FPS, initial={0: initial})


def steps(of: Board, count: int) -> None:
    for _ in range(count):
        of.step()


def test_everything_stands_at_its_default_or_where_the_show_puts_it() -> None:
    own = Board(TABLE, fps=FPS, initial={0: {"sigma": 0.5}, 3: {"sigma": 0.7, "x": 2.0, "heading": 90.0}})
    assert own.controls(1) == Controls()
    assert [own.value("sigma", row) for row in (0, 1, 3)] == [0.5, 1.0, 0.7]
    assert own.place(3) == Place(2.0, 0.0, 90.0)
    assert own.draft().target("sigma", 3) == 0.7
    assert own.step() == ()


def test_every_knob_of_a_performer_is_read_by_its_name_whatever_stands_beside_it() -> None:
    names = ["x", "latent/2", "condition", "hum", "sigma", "latent/0", "run"]
    values = [7.0, 0.25, 3.2, 9.0, 0.5, -0.75, 0.6]
    expected = Controls(condition=3, sigma=0.5, run=1, latent=(-0.75, 0.0, 0.25))
    assert reader(names)(values) == make_controls(dict(zip(names, values, strict=True))) == expected
    assert reader(names)([0.0] * 7) == Controls(condition=0, sigma=0.0, run=0)
    assert reader(())(()) == make_controls({}) == Controls()


def test_a_value_is_clamped_and_there_at_once_without_a_slew() -> None:
    own = board()
    assert own.set("temperature", 7, 2) == 2.0
    assert own.controls(2).temperature == 2.0
    assert own.controls(1).temperature == 1.0
    assert own.step() == [2]
    assert own.step() == ()


def test_what_the_act_is_given_everybody_gets() -> None:
    own = board()
    own.set("temperature", 0.25, 5)
    own.set("temperature", 0.5)
    assert {own.value("temperature", row) for row in range(SIGN + 1)} == {0.5}
    assert own.step() == list(range(SIGN + 1))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_changes_nothing(value: float) -> None:
    own = board()
    with pytest.raises(ValueError, match="finite"):
        own.set("temperature", value)
    with pytest.raises(ValueError, match="finite"):
        own.fade("blend", value, 0, 10, "smooth")
    assert own.target("temperature") == own.target("blend") == 1.0
    assert own.step() == ()


@pytest.mark.parametrize(
    ("name", "performer"), [("x", 0), ("speed", 1), ("wings", 0), ("blend", SIGN + 1), ("blend", -1)]
)
def test_a_knob_that_is_not_there_is_refused(name: str, performer: int) -> None:
    with pytest.raises(ValueError, match="no such knob"):
        board().set(name, 0, performer)


def test_a_seed_is_exact_and_what_is_whole_is_rounded() -> None:
    own = board()
    assert own.set("seed", 2**31 - 1, 4) == own.value("seed", 4) == 2147483647
    assert own.set("condition", 2.4) == 2
    assert own.controls(1).condition == 2


def test_a_knob_moves_no_faster_than_its_slew_and_ends_exactly_there() -> None:
    own = board()
    own.set("blend", 0.3, 1)
    seen = [own.value("blend", 1)]
    for _ in range(30):
        own.step()
        seen.append(own.value("blend", 1))
    jumps = [before - after for before, after in pairwise(seen)]
    assert max(jumps) == pytest.approx(2.0 / FPS)
    assert seen[21] == seen[-1] == 0.3
    assert own.target("blend", 1) == 0.3
    assert own.step() == ()


def test_at_once_means_at_once() -> None:
    own = board()
    own.set("blend", 0.3, at_once=True)
    assert own.value("blend", 7) == 0.3


def test_run_ramps_within_half_a_second_while_its_target_is_a_whole_number() -> None:
    own = board()
    own.set("run", 0.2)
    assert own.target("run") == 0
    steps(own, FPS // 4)
    assert own.value("run") == pytest.approx(0.5)
    steps(own, FPS // 4)
    assert own.value("run") == 0


@pytest.mark.parametrize("curve", ["linear", "smooth", "in", "out"])
def test_a_fade_follows_its_curve_and_ends_exactly(curve: Easing) -> None:
    own = board()
    own.fade("temperature", 0.1, 0, 30, curve)
    steps(own, 10)
    assert own.value("temperature", 9) == pytest.approx(1.0 - 0.9 * ease(curve, 1 / 3))
    steps(own, 19)
    assert own.value("temperature", 9) != 0.1
    assert len(own.step()) == SIGN + 1
    assert own.value("temperature", 9) == own.value("temperature") == 0.1
    assert own.step() == ()


def test_a_fade_is_as_slow_or_fast_as_it_says_whatever_the_slew() -> None:
    own = board()
    own.fade("blend", 0.0, 0, 2, "linear")
    own.step()
    assert own.value("blend") == 0.5
    own.step()
    assert own.value("blend") == 0.0


def test_a_value_that_is_set_takes_over_from_where_a_fade_stands() -> None:
    own = board()
    own.fade("blend", 0.0, 0, 60, "linear")
    steps(own, 30)
    own.set("blend", 1.0, 2)
    own.step()
    assert own.value("blend", 2) == pytest.approx(0.5 + 2.0 / FPS)
    assert own.value("blend", 3) == pytest.approx(0.5 - 0.5 / 30)
    steps(own, 60)
    assert (own.value("blend", 2), own.value("blend", 3)) == (1.0, 0.0)


def test_a_fade_takes_over_from_a_fade() -> None:
    own = board()
    own.fade("temperature", 0.0, 0, 60, "linear")
    steps(own, 30)
    own.fade("temperature", 2.0, 0, 30, "linear")
    steps(own, 15)
    assert own.value("temperature") == pytest.approx(1.25)
    steps(own, 100)
    assert own.value("temperature") == 2.0
    assert not own._fades


def test_what_is_whole_jumps_instead_of_fading() -> None:
    own = board()
    own.fade("condition", 5, 0, 60, "smooth")
    assert own.value("condition") == 5


def test_fades_can_be_left_where_they_are() -> None:
    own = board()
    own.fade("temperature", 0.0, 0, 60, "linear")
    own.set("blend", 0.0)
    steps(own, 15)
    own.land()
    steps(own, 60)
    assert own.value("temperature") == own.target("temperature") == pytest.approx(0.75)
    assert own.value("blend") == 0.0


def test_who_comes_on_stands_at_the_targets() -> None:
    own = board()
    own.set("blend", 0.2)
    own.set("x", 3.0, 2)
    own.seat(2)
    assert (own.value("blend", 2), own.place(2).x) == (0.2, 3.0)
    assert own.value("blend", 1) == 1.0
    own.set("x", 1.5, 3)
    own.seat(3)
    assert own.place(3).x == 1.5
    assert own.value("blend", 3) == 0.2


def test_a_draft_is_the_beginning_and_can_be_adopted() -> None:
    own = board(sigma=0.5)
    own.set("sigma", 1.5)
    own.set("blend", 0.0, at_once=True)
    draft = own.draft()
    draft.set("top_p", 0.5)
    assert (own.value("top_p"), draft.value("sigma")) == (1.0, 0.5)
    own.adopt(draft.targets, ("blend",), 10, "linear")
    assert (own.value("top_p", 4), own.value("sigma"), own.value("blend", 3)) == (0.5, 0.5, 0.0)
    steps(own, 10)
    assert own.value("blend", 3) == 1.0


def test_several_rows_are_set_and_told_by_one_call_and_nobody_else() -> None:
    own = board()
    assert own.set("sigma", 9.0, 2, 5, 7) == 2.0
    assert [row for row in range(SIGN + 1) if own.target("sigma", row) == 2.0] == [2, 5, 7]
    own.told("sigma", 2, 7)
    assert own.untold((0, 2, 5, 7), 8) == [("sigma", 5)]
    with pytest.raises(ValueError, match="no such knob"):
        own.set("x", 1.0, 2, SIGN + 1)
    assert own.target("x", 2) == 0.0


def test_targets_that_nobody_was_told_of_are_told_once_and_a_few_at_a_time() -> None:
    own = board()
    own.set("sigma", 0.5)
    own.told("sigma", 0)
    own.set("top_p", 0.5, 2)
    assert own.untold((0, 1), 8) == [("sigma", 1)]
    own.set("pull", 1.0)
    assert own.untold((0, 2), 2) == [("pull", 0), ("sigma", 2)]
    assert own.untold((0, 2), 2) == [("top_p", 2), ("pull", 2)]
    assert own.untold((0, 2), 2) == []


def test_abandoned_fades_do_not_pile_up() -> None:
    own = board()
    for _ in range(500):
        own.fade("temperature", 0.0, 0, 10**6, "linear")
        own.step()
    assert len(own._fades) == 1
