import pytest
import torch

from engine.families import _touch
from export.nets.velocity import BEGINNING, GridNet, VelocityNet, expected


def net() -> VelocityNet:
    torch.manual_seed(1)
    width = _touch.FEATURES
    made = VelocityNet(
        torch.zeros(width), torch.ones(width), 60.0, 15.0,
        hidden=16, layers=2, components=3, floor=0.05, cap=1.5, dropout=0.3,
    )  # fmt: skip
    return made.eval()


def inputs(steps: int, rows: int = 2) -> torch.Tensor:
    x = torch.randn(steps, rows, _touch.FEATURES)
    x[..., BEGINNING] = 1.0
    return x


def test_in_parts_it_gives_what_it_gives_at_once() -> None:
    made, x = net(), inputs(20)
    whole = made(x)
    first = made(x[:7])
    second = made(x[7:], first[3])
    for index in range(3):
        torch.testing.assert_close(torch.cat([first[index], second[index]]), whole[index])


def test_what_comes_later_changes_nothing_before() -> None:
    made, x = net(), inputs(20)
    other = x.clone()
    other[12:] += 1.0
    torch.testing.assert_close(made(x)[1][:12], made(other)[1][:12])
    assert not torch.allclose(made(x)[1][12:], made(other)[1][12:])


def test_a_piece_that_begins_forgets_the_one_before_and_only_its_lane_does() -> None:
    made, x = net(), inputs(10)
    state = made(inputs(5))[3]
    x[0, 0, BEGINNING] = 0.0
    going_on, afresh = made(x, state)[1], made(x)[1]
    torch.testing.assert_close(going_on[:, 0], afresh[:, 0])
    assert not torch.allclose(going_on[:, 1], afresh[:, 1])


def test_the_expectation_is_the_mean_of_the_mixture() -> None:
    logits = torch.log(torch.tensor([3.0, 1.0]))
    assert expected(logits, torch.tensor([[40.0], [80.0]])).item() == pytest.approx(50.0)


def test_the_first_pianist_had_332376_parameters() -> None:
    def learned(made: GridNet) -> int:
        return sum(parameter.numel() for parameter in made.parameters() if parameter.requires_grad)

    assert learned(GridNet(repaired=False)) == 332_376
    assert learned(GridNet(repaired=True)) < 332_376


def test_it_sees_the_piece_to_its_end() -> None:
    made = GridNet(repaired=False).eval()
    x = torch.zeros(12, 1, 176)
    other = x.clone()
    other[-1] = 1.0
    assert not torch.equal(made(x)[0], made(other)[0])


@pytest.mark.parametrize("repaired", [False, True])
def test_a_grid_is_answered_within_its_range(*, repaired: bool) -> None:
    found = GridNet(repaired=repaired).eval()(torch.randint(0, 2, (9, 2, 176)).float())
    assert found.shape == (9, 2, 88)
    assert found.min() >= 0.0
