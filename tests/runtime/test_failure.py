"""What is said of a failure."""

import pytest

from engine.runtime.failure import line
from engine.schema.errors import ModelError


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModelError("a.onnx", "no model", "a model"), "a.onnx: no model; expected a model"),
        (KeyError("mean"), "KeyError: 'mean'"),
        (RuntimeError("one\n  two"), "RuntimeError: one two"),
    ],
)
def test_it_is_one_line_and_names_errors_that_are_not_this_projects_own(error: Exception, said: str) -> None:
    assert line(error) == said
