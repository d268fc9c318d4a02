"""Who is down: the keys of each channel, and the pedals."""

from engine.schema.frame import Notes
from engine.schema.note import HIGHEST, KEYS, LOWEST, Event, Note, Pedal


class KeysDown:
    """What receivers have been told, so that every key that they heard go down is told to come up, once.

    The first time that somebody lifts a key it comes up, whoever else pressed it: were presses counted, one lost
    message would keep the key down for ever.
    """

    def __init__(self) -> None:
        self._down: dict[tuple[int, int], int] = {}
        self._channels: set[int] = set()
        self._pedals: dict[int, int] = {}
        self._velocities = [0] * KEYS
        self._notes: Notes | None = None

    @property
    def notes(self) -> Notes:
        """The keys, whatever channel they are on."""
        if self._notes is None:
            self._notes = Notes(tuple(self._velocities), max(self._pedals.values(), default=0))
        return self._notes

    def press(self, note: Note) -> bool:
        """Note that a key goes down; whether it was down already."""
        key = note.number, note.channel
        known = key in self._down
        self._down[key] = note.velocity
        self._channels.add(note.channel)
        self._velocities[note.number - LOWEST] = note.velocity
        self._notes = None
        return known

    def lift(self, note: Note) -> bool:
        """Note that a key comes up; whether it was down."""
        if self._down.pop((note.number, note.channel), None) is None:
            return False
        others = (self._down.get((note.number, channel), 0) for channel in self._channels)
        self._velocities[note.number - LOWEST] = max(others)
        self._notes = None
        return True

    def pedal(self, pedal: Pedal) -> None:
        """Note where a pedal is."""
        self._pedals[pedal.channel] = pedal.value
        self._notes = None

    def is_down(self, number: int, channel: int) -> bool:
        """Whether a key is down."""
        return (number, channel) in self._down

    def depth(self, channel: int) -> int:
        """Where a pedal is."""
        return self._pedals.get(channel, 0)

    def everything(self) -> list[Event]:
        """What lifts all keys that are down, and pedals."""
        lifts = [Note(number, 0, channel) for number, channel in self._down]
        return [*lifts, *(Pedal(0, channel) for channel, value in self._pedals.items() if value)]


def silence(channel: int) -> list[Event]:
    """What lifts every key that there is on a channel, for a receiver that may have heard of others."""
    return [*(Note(number, 0, channel) for number in range(LOWEST, HIGHEST + 1)), Pedal(0, channel)]
