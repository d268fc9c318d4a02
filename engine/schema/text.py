"""Text from outside."""


def printable(text: str) -> str:
    """The same on one line, without what could steer a terminal."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
