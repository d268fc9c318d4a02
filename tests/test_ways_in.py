"""What is said of the ways into a show before anybody comes."""

from pathlib import Path

import pytest
import toy

from engine.assemble import faults
from engine.schema.show import Act, Settings, Show


@pytest.mark.parametrize("ports", [{}, {"oscquery": 0}, {"control": 0, "oscquery": 0}])
@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"allow": ("192.168.1.0/240",)}, "listen at 127.0.0.1"),
        ({"listen": "192.0.2.1", "allow": ("192.168.1.300",)}, "listen at 192.0.2.1"),
        ({"listen": "192.0.2.1"}, "listen at 192.0.2.1"),
    ],
)
def test_who_may_come_in_is_checked_with_the_show(
    tmp_path: Path, settings: dict[str, object], ports: dict[str, object], place: str
) -> None:
    cast = Act(model=str(toy.write(tmp_path / "toy.onnx")), device="cpu")
    (fault,) = faults(Show(settings=Settings(**settings, **ports), acts=(cast,)))  # type: ignore[arg-type]
    assert fault.place == place
