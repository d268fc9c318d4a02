"""What a show that fails raises; apart from the loop, so that a command line can name it without loading the loop."""


class BrokeOffError(Exception):
    """The show ended by a defect; the message is one line."""
