"""What is said of the ways into a show before anybody comes."""

from pathlib import Path

import pytest
import toy
from typer.testing import CliRunner

from engine.cli import app

ACT = '[act]\nmodel = "toy.onnx"\ndevice = "cpu"\n[[outputs]]\nurl = "native://127.0.0.1:9"\n'


@pytest.mark.parametrize("ports", ["", "oscquery = 0\n", "control = 0\noscquery = 0\n"])
@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ('allow = ["192.168.1.0/240"]\n', "listen at 127.0.0.1: '192.168.1.0/240' does not appear to be"),
        ('listen = "192.0.2.1"\nallow = ["192.168.1.300"]\n', "listen at 192.0.2.1: '192.168.1.300' does not appear"),
        ('listen = "192.0.2.1"\n', "listen at 192.0.2.1: nobody who may send"),
    ],
)
def test_who_may_come_in_is_checked_with_the_show(tmp_path: Path, settings: str, ports: str, line: str) -> None:
    toy.write(tmp_path / "toy.onnx")
    show = tmp_path / "show.toml"
    show.write_text(f"[show]\n{settings}{ports}{ACT}")
    found = CliRunner().invoke(app, ["check", str(show)])
    assert found.exit_code == 2
    assert line in " ".join((found.stdout + found.stderr).split())
