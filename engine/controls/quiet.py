"""What libraries would print in the middle of a show."""

import logging


def quiet(library: str) -> logging.Logger:
    """A logger for a library that says nothing: what matters of its troubles is told in one line elsewhere."""
    logger = logging.getLogger(f"engine.{library}")
    logger.propagate = False
    logger.setLevel(logging.CRITICAL + 1)
    return logger
