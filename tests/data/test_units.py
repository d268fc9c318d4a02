import pytest

from engine.schema.errors import DataError
from export.data.units import metres


@pytest.mark.parametrize(("unit", "length"), [("m", 1.0), ("cm", 0.01), ("mm", 0.001), ("in", 0.0254), (0.056, 0.056)])
def test_a_unit_has_metres(unit: str | float, length: float) -> None:
    assert metres("dance.bvh", unit) == length


@pytest.mark.parametrize("unit", ["feet", "", 0.0, -1.0, float("nan"), float("inf")])
def test_what_is_no_unit_is_refused(unit: str | float) -> None:
    with pytest.raises(DataError) as caught:
        metres("dance.bvh", unit)
    assert caught.value.place == "dance.bvh: unit"
