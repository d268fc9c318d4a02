"""One tree of errors; each message names the place, what came, what was expected and, where there is one, the way out.

EngineError
 +-- ConfigError      a show file, a training recipe or a command line
 +-- ModelError       a model file
 +-- DataError        a recording
 +-- TransportError   a host, a port, a socket
 +-- DeviceError      a device to compute on
 +-- WireError        a value that the protocol cannot carry
"""


class EngineError(Exception):
    """Input from outside that cannot be used; the command line prints it as one line and exits with 2."""

    def __init__(self, place: str, found: str, expected: str, hint: str = "") -> None:
        self.place = place
        self.found = found
        self.expected = expected
        self.hint = hint
        super().__init__(place, found, expected, hint)

    def __str__(self) -> str:
        line = f"{self.place}: {self.found}; expected {self.expected}"
        if self.hint:
            line += f" ({self.hint})"
        return " ".join(line.split())


class ConfigError(EngineError):
    """A show file, a training recipe or a command line that does not make sense."""


class ModelError(EngineError):
    """A model file that is not one, or not one of ours."""


class DataError(EngineError):
    """A recording that cannot be read or does not fit."""


class TransportError(EngineError):
    """A host, port or socket that cannot be used."""


class DeviceError(EngineError):
    """A device that is not there or that a model cannot run on."""


class WireError(EngineError):
    """An address, a value or a message that the protocol cannot carry."""
