"""The MIDI inputs of this machine, by mido and python-rtmidi; they are the extra `midi`."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import mido

from engine.controls.mapping import Heard
from engine.schema.errors import TransportError
from engine.transport.midi_system import FAILURES, check_system


class SystemPorts:
    """The inputs of the system."""

    def __init__(self) -> None:
        self._backend = mido.Backend("mido.backends.rtmidi")

    def names(self) -> Sequence[str]:
        """Those that are there now.

        Raises:
            TransportError: the system has no MIDI.
        """
        check_system()
        try:
            return list(dict.fromkeys(self._backend.get_input_names()))
        except FAILURES as error:
            raise TransportError("midi", str(error), "a system with MIDI") from error

    def open(self, name: str, hear: Callable[[Heard], None]) -> "SystemPort":
        """Have each message of an input handed to `hear`, in the driver's thread.

        Raises:
            TransportError: it cannot be opened.
        """

        def take(message: Any) -> None:  # noqa: ANN401 (mido has no types)
            heard = read(message)
            if heard is not None:
                hear(heard)

        try:
            port = self._backend.open_input(name, callback=take)
        except FAILURES as error:
            raise TransportError(f"midi {name}", str(error), "an input that can be opened") from error
        return SystemPort(port)


class SystemPort:
    """An input that is open; of mido's kind."""

    def __init__(self, port: Any) -> None:  # noqa: ANN401 (mido has no types)
        self._port = port

    def close(self) -> None:
        """Hear it no more; harmless twice, and where the device is gone."""
        with suppress(*FAILURES):
            self._port.close()


def read(message: Any) -> Heard | None:  # noqa: ANN401 (mido has no types)
    """What a message of mido says; None where it is no controller's and no key's."""
    if message.type == "control_change":
        return Heard("control", message.control, message.value, message.channel + 1)
    if message.type in {"note_on", "note_off"}:
        velocity = message.velocity if message.type == "note_on" else 0
        return Heard("note", message.note, velocity, message.channel + 1)
    return None
