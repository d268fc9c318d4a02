"""Bodies as silhouettes."""

import msgspec
import numpy as np
import pytest
from counting import counted
from motion import bodies

from engine.images.raster import FLOOR, TALL, THIN, Raster
from engine.motion.core20 import CORE20, NAMES
from engine.schema.frame import F32, U8
from engine.schema.model import Size
from engine.schema.skeleton import Skeleton
from engine.source import Bodies

SIZE = Size(height=120, width=208)
STICK = Skeleton(names=("low", "high"), parents=(-1, 0), offsets=((0.0, 0.5, 0.0), (0.0, 1.0, 0.0)), facing=())


def drawn(positions: F32, drawer: Raster, size: Size = SIZE) -> U8:
    out = np.full((size.height, size.width), 77, np.uint8)
    drawer.draw(positions, out)
    return out


def stick(x: float = 0.0, z: float = 0.0, lean: float = 0.0) -> F32:
    """(1, 2, 3): a stick from 0.5 to 1.5 m."""
    return np.array([[(x, 0.5, z), (x + lean, 1.5, z)]], np.float32)


def test_a_stick_is_as_wide_and_as_high_as_metres_say() -> None:
    picture = drawn(stick(), Raster(STICK, SIZE)) / 255
    scale, floor = SIZE.height / TALL, SIZE.height * FLOOR
    row = round(SIZE.height - floor - scale)
    assert picture[row].sum() == pytest.approx(2 * THIN * scale, abs=0.05)
    assert picture.sum() == pytest.approx(2 * THIN * scale * scale + np.pi * (THIN * scale) ** 2, rel=0.02)
    lit = np.flatnonzero(picture.max(1) > 0.5)
    assert lit[0] == pytest.approx(SIZE.height - floor - (1.5 + THIN) * scale, abs=1)
    assert lit[-1] == pytest.approx(SIZE.height - floor - (0.5 - THIN) * scale, abs=1)


def test_the_edge_is_soft_and_one_pixel_wide() -> None:
    picture = drawn(stick(0.003), Raster(STICK, SIZE, centre="stage"))
    across = picture[60][picture[60] > 0]
    assert ((across > 0) & (across < 255)).sum() == 2
    assert (across == 255).sum() >= 3


@pytest.mark.parametrize(("yaw", "column"), [(0.0, 1), (180.0, -1), (90.0, 0)])
def test_who_steps_to_the_left_goes_right_seen_from_the_front(yaw: float, column: int) -> None:
    picture = drawn(stick(x=1.0), Raster(STICK, SIZE, yaw=yaw, centre="stage"))
    middle = float((picture.sum(0) * np.arange(SIZE.width)).sum() / picture.sum()) - SIZE.width / 2 + 0.5
    assert middle == pytest.approx(column * SIZE.height / TALL, abs=0.1)


def test_several_keep_their_distances_or_stand_on_one_spot() -> None:
    pair = np.concatenate([stick(4.5), stick(5.5)])
    group = np.flatnonzero(drawn(pair, Raster(STICK, SIZE, centre="group")).max(0) > 127)
    assert group[0] + group[-1] == pytest.approx(SIZE.width - 1, abs=1)
    assert np.ptp(group) == pytest.approx((1 + 2 * THIN) * SIZE.height / TALL, abs=1.5)
    each = drawn(pair, Raster(STICK, SIZE, centre="each"))
    np.testing.assert_array_equal(each, drawn(stick(), Raster(STICK, SIZE)))


def test_closer_and_thicker_show_more_white() -> None:
    body = bodies.standing(0.3)[None].astype(np.float32)
    plain, close, thick = (
        int(drawn(body, Raster(CORE20, SIZE, **msgspec.structs.asdict(asked))).sum())
        for asked in (Bodies(), Bodies(crop=1.3), Bodies(thickness=1.5))
    )
    assert close == pytest.approx(1.69 * plain, rel=0.1)
    assert thick > 1.3 * plain


def test_a_figure_of_20_joints_is_dressed_and_others_are_sticks() -> None:
    body = bodies.standing(0.0)[None].astype(np.float32)
    renamed = Skeleton(
        names=tuple(f"x{name}" for name in NAMES), parents=CORE20.parents, offsets=CORE20.offsets, facing=()
    )
    assert drawn(body, Raster(CORE20, SIZE)).sum() > 1.5 * drawn(body, Raster(renamed, SIZE)).sum()


@pytest.mark.parametrize("far", [np.nan, np.inf, 1e30, 1e6])
def test_what_is_nowhere_is_left_out(far: float) -> None:
    body = np.concatenate([stick(), stick(far)])
    picture = drawn(body, Raster(STICK, SIZE, centre="stage"))
    np.testing.assert_array_equal(picture, drawn(stick(), Raster(STICK, SIZE, centre="stage")))


def test_nobody_is_black() -> None:
    assert not drawn(np.zeros((0, 2, 3), np.float32), Raster(STICK, SIZE)).any()


@pytest.mark.parametrize("size", [Size(height=1, width=1), Size(height=7, width=300), Size(height=300, width=7)])
def test_any_size_is_drawn_within_its_borders(size: Size) -> None:
    whole = np.full((size.height + 2, size.width), 77, np.uint8)
    Raster(STICK, size, crop=3.0).draw(stick(lean=3.0), whole[1:-1])
    assert (whole[[0, -1]] == 77).all()


def test_drawing_makes_no_arrays() -> None:
    drawer, out = Raster(CORE20, SIZE), np.zeros((SIZE.height, SIZE.width), np.uint8)
    pair = np.stack([bodies.standing(0.1), bodies.standing(0.4)]).astype(np.float32)
    with counted() as made:
        drawer.draw(pair, out)
    assert made == []
    assert out.any()
