"""Networks that foresee pictures."""

import pytest
import torch

from export.nets.convlstm import ConvLstm, FrameNet, SeedCell, SeedConvLstm


def ours() -> ConvLstm:
    torch.manual_seed(1)
    return ConvLstm(hidden=6, layers=2).eval()


def seed() -> SeedConvLstm:
    torch.manual_seed(1)
    return SeedConvLstm(hidden=4).eval()


def test_the_posted_network_had_313665_parameters() -> None:
    assert SeedConvLstm().counted() == 313_665


@pytest.mark.parametrize("net", [ours(), seed()], ids=["ours", "seed"])
def test_one_picture_at_a_time_it_foresees_what_it_foresees_at_once(net: FrameNet) -> None:
    x = torch.rand(7, 2, 16, 16)
    with torch.no_grad():
        whole, after = net(x)
        state, found = net.zero(x[0, :, None]), []
        for picture in x:
            logits, state = net.step(picture[:, None], state)
            found.append(logits[:, 0])
    torch.testing.assert_close(torch.stack(found), whole)
    for one, other in zip(state, after, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("net", [ours(), seed()], ids=["ours", "seed"])
def test_what_comes_later_changes_nothing_before_and_what_was_is_remembered(net: FrameNet) -> None:
    x = torch.rand(6, 1, 16, 16)
    later, earlier = x.clone(), x.clone()
    later[4:] = 0.0
    earlier[:2] = 0.0
    with torch.no_grad():
        plain = net(x)[0]
        assert torch.equal(net(later)[0][:4], plain[:4])
        assert not torch.allclose(net(later)[0][4:], plain[4:])
        assert not torch.allclose(net(earlier)[0][5], plain[5])


def reach(net: FrameNet, side: int = 32) -> tuple[int, int, int, int]:
    """How far a pixel in the middle is felt in the next picture: up, down, left, right."""
    middle = side // 2
    dark, lit = torch.zeros(1, 1, side, side), torch.zeros(1, 1, side, side)
    lit[0, 0, middle, middle] = 1.0
    with torch.no_grad():
        rows, columns = torch.nonzero((net(lit)[0] - net(dark)[0])[0, 0].abs() > 1e-7, as_tuple=True)
    ends = int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())
    return middle - ends[0], ends[1] - middle, middle - ends[2], ends[3] - middle


def test_what_moves_can_go_to_all_sides() -> None:
    net = ConvLstm(hidden=6, layers=2)
    net.cells[0].norm = net.cells[1].norm = torch.nn.Identity()  # or every pixel is felt
    assert min(reach(net.eval())) >= 4


def test_the_posted_kernels_let_it_go_left_and_up_alone() -> None:
    up, down, left, right = reach(seed())
    assert (down, right) == (0, 0)
    assert (up, left) == (2, 2)  # less than the 3.6 pixels that a digit moves


def test_nothing_is_ever_subtracted_in_a_posted_cell() -> None:
    torch.manual_seed(2)
    cell = SeedCell(1, 4, 2)
    h = c = torch.zeros(1, 4, 8, 8)
    with torch.no_grad():
        for _ in range(5):
            h, c = cell(cell.seen(torch.randn(1, 1, 8, 8)), h, c)
            assert c.min() >= 0.0
            assert h.min() >= 0.0
