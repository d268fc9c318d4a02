"""What a show that fails raises; apart from the loop, so that a command line can name it without loading the loop."""

from engine.schema.errors import EngineError


class BrokeOffError(Exception):
    """The show ended by a defect; the message is one line."""


def line(error: Exception) -> str:
    """What is wrong, in one line; an error that is not this project's own says little without its kind."""
    kind = "" if isinstance(error, EngineError) else f"{type(error).__name__}: "
    return " ".join(f"{kind}{error}".split())
