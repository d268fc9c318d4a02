"""The MIDI outputs of this machine, by python-rtmidi; it is the extra `midi`."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import rtmidi

from engine.schema.errors import TransportError

SEQUENCER = Path("/dev/snd/seq")
"""ALSA's; where it is missing, asking ALSA prints its own complaint each time."""

CLIENT = "figurant"
"""What other programs see us as."""

FAILURES = (OSError, ValueError, RuntimeError, SystemError, rtmidi.RtMidiError)
"""What a driver raises."""


def check_system() -> None:
    """Make sure that the system's own MIDI can be asked.

    Raises:
        TransportError: it has none.
    """
    if sys.platform == "linux" and not SEQUENCER.exists():
        raise TransportError("midi", f"no {SEQUENCER}", "the ALSA sequencer", "modprobe snd-seq")


class SystemOutputs:
    """The outputs of the system, or those of a JACK server.

    Args:
        jack: which of the two.
    """

    def __init__(self, *, jack: bool = False) -> None:
        self._api = rtmidi.API_UNIX_JACK if jack else rtmidi.API_UNSPECIFIED
        self._looking: rtmidi.MidiOut | None = None

    def names(self) -> Sequence[str]:
        """Those that are there now.

        Raises:
            TransportError: the system has no MIDI.
        """
        if self._looking is None:
            self._looking = self._client()
        try:
            found = list(dict.fromkeys(self._looking.get_ports()))
        except FAILURES as error:
            self.close()
            raise TransportError("midi", str(error), "a system with MIDI") from error
        if not found:
            self.close()  # a server that went away gives none, and its clients never see the next one
        return found

    def close(self) -> None:
        """Look no more; harmless twice."""
        client, self._looking = self._looking, None
        if client is not None:
            with suppress(*FAILURES):
                client.delete()

    def open(self, name: str, *, virtual: bool) -> "SystemOutput":
        """An output by its whole name; a virtual one is made.

        Raises:
            TransportError: it cannot be opened.
        """
        client = self._client()
        try:
            if virtual:
                client.open_virtual_port(name)
            else:
                client.open_port(client.get_ports().index(name), name=CLIENT)
        except FAILURES as error:
            client.delete()
            raise TransportError(f"midi {name}", str(error), "an output that can be opened") from error
        return SystemOutput(client)

    def _client(self) -> rtmidi.MidiOut:
        if self._api == rtmidi.API_UNSPECIFIED:
            check_system()
        try:
            return rtmidi.MidiOut(self._api, name=CLIENT)
        except FAILURES as error:
            raise TransportError("midi", str(error), "a system with MIDI, or a JACK server") from error


class SystemOutput:
    """An output that is open."""

    def __init__(self, client: rtmidi.MidiOut) -> None:
        self._client: rtmidi.MidiOut | None = client

    def send(self, message: bytes | bytearray | memoryview) -> None:
        """Hand one message to the driver.

        Raises:
            OSError: it does not take it.
        """
        if self._client is None:
            raise OSError("closed")
        try:
            self._client.send_message(message)
        except FAILURES as error:
            raise OSError(str(error)) from error

    def close(self) -> None:
        """Close it; harmless twice, and where the device is gone."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(*FAILURES):
                client.close_port()
                client.delete()
