from itertools import permutations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from export.data.bvh_pose import Translation, world
from export.data.bvh_text import Bvh, Node

ANGLES = np.array([[10.0, -70.0, 130.0], [0.0, 0.0, 0.0], [179.0, 45.0, -3.0]])


@pytest.mark.parametrize("order", [*("".join(order) for order in permutations("XYZ")), "XZX", "Y", "ZX"])
def test_any_order_of_angles_turns_like_scipy(order: str) -> None:
    angles = ANGLES[:, : len(order)]
    nodes = (
        Node("root", -1, (1.0, 2.0, 3.0), tuple(f"{axis}rotation" for axis in order)),
        Node("end", 0, (0.3, -0.2, 0.5), ()),
    )
    found = world(Bvh(nodes, 0.1, angles), [0, 1])
    expected = Rotation.from_euler(order, angles, degrees=True).apply([0.3, -0.2, 0.5]) + np.array([1, 2, 3])
    np.testing.assert_allclose(found[1], expected, atol=1e-12)
    np.testing.assert_allclose(found[0], [[1, 2, 3]] * 3)


def test_turns_add_up_along_a_chain() -> None:
    nodes = (
        Node("root", -1, (0.0, 0.0, 0.0), ("Yrotation",)),
        Node("arm", 0, (1.0, 0.0, 0.0), ("Zrotation",)),
        Node("hand", 1, (1.0, 0.0, 0.0), ()),
    )
    found = world(Bvh(nodes, 0.1, np.array([[90.0, 90.0]])), [2])
    np.testing.assert_allclose(found[2], [[0, 1, -1]], atol=1e-12)


def test_position_channels_may_stand_between_angles_in_any_order() -> None:
    nodes = (
        Node("root", -1, (0.0, 0.0, 0.0), ("Zposition", "Yrotation", "Xposition")),
        Node("end", 0, (1.0, 0.0, 0.0), ()),
    )
    found = world(Bvh(nodes, 0.1, np.array([[5.0, 90.0, 7.0]])), [1])
    np.testing.assert_allclose(found[1], [[7, 0, 4]], atol=1e-12)


@pytest.mark.parametrize(
    ("height", "translation", "expected"),
    [
        (1.0, "auto", 101.0),
        (98.0, "auto", 98.0),
        (98.0, "add", 198.0),
        (1.0, "replace", 1.0),
    ],
)
def test_positions_add_to_the_offset_or_replace_it(height: float, translation: Translation, expected: float) -> None:
    node = Node("root", -1, (0.0, 100.0, 4.0), ("Xposition", "Yposition"))
    found = world(Bvh((node,), 0.1, np.array([[30.0, height]])), [0], translation)
    np.testing.assert_allclose(found[0], [[30, expected, 4]])
