"""Knobs on a command line."""

import pytest

from engine.schema.errors import ConfigError
from export.knobs import checked, read
from export.render import open_dance


def test_names_and_numbers() -> None:
    assert read(["temperature=0.8", " top_p = .5", "latent/3=-1"]) == {"temperature": 0.8, "top_p": 0.5, "latent/3": -1}
    assert read([]) == {}


@pytest.mark.parametrize("text", ["temperature", "temperature=", "temperature=hot", "=1 2", ""])
def test_what_is_no_knob_and_number_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"such as temperature=0\.8"):
        read([text])


def test_a_knob_is_set_once() -> None:
    with pytest.raises(ConfigError, match="twice"):
        read(["sigma=1", "sigma=2"])


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("temperatur", 1.0, "one of temperature"),
        ("loudness", 64.0, "one of temperature"),
        ("speed", 1.0, "one of temperature"),
        ("latent/16", 0.0, "one of temperature"),
        ("temperature", 2.5, "0 to 2"),
        ("temperature", float("nan"), "0 to 2"),
        ("condition", 0.5, "whole number"),
        ("condition", 9.0, "0 modern, 1 salsa"),
    ],
)
def test_what_the_model_does_not_answer_to_is_refused(name: str, value: float, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        checked({name: value}, open_dance("dance").loaded.spec)


def test_what_fits_comes_sorted() -> None:
    asked = {"temperature": 0.8, "condition": 1.0}
    assert list(checked(asked, open_dance("dance").loaded.spec).items()) == [("condition", 1.0), ("temperature", 0.8)]
