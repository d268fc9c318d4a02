"""Who subscribes while a show plays: frames for them, and notes where keys are played."""

from contextlib import ExitStack
from functools import partial
from typing import NamedTuple

from engine.controls.osc import Listener
from engine.keys import Keys
from engine.runtime.broadcast import Broadcast
from engine.runtime.guests import Guests
from engine.runtime.note_target import NoteTarget
from engine.runtime.steering import Plays
from engine.runtime.target import Target
from engine.schema.show import Output
from engine.side import Desktop
from engine.targets import Opener, by_socket, ports


class Guest(NamedTuple):
    """What sends to a guest: frames, and notes where keys are played."""

    target: Target
    notes: NoteTarget | None

    def close(self) -> None:
        """Close its sockets; harmless twice."""
        self.target.close()
        if self.notes is not None:
            self.notes.sender.close()


class _Served:
    """Who serves guests: the broadcast, and the keyboard where there is one."""

    def __init__(self, broadcast: Broadcast, keys: Keys | None) -> None:
        self._broadcast, self._keys = broadcast, keys

    def add(self, guest: Guest) -> None:
        """Let it have what comes."""
        self._broadcast.add(guest.target)
        if self._keys is not None and guest.notes is not None:
            self._keys.keyboard.add(guest.notes)

    def drop(self, guest: Guest) -> None:
        """Let it have no more."""
        self._broadcast.drop(guest.target)
        if self._keys is not None and guest.notes is not None:
            self._keys.keyboard.drop(guest.notes)


def _guest(targets: Opener, plays: Plays, keys: Keys | None, receiver: Output) -> Guest:
    """What sends to somebody who subscribes: of the first performer, where its protocol carries one."""
    target = targets.target(ports(receiver, 1)[0], plays.performers)
    return Guest(target, None if keys is None else targets.notes(receiver))


def serve(
    desk: Desktop,
    broadcast: Broadcast,
    targets: Opener,
    *,
    plays: Plays,
    keys: Keys | None,
    listener: Listener | None,
    opened: ExitStack,
) -> Guests[Guest]:
    """Let in who subscribes.

    Args:
        desk: what everything that steers needs.
        broadcast: sends frames.
        targets: makes those of guests.
        plays: who is on.
        keys: send notes; None where nobody plays any.
        listener: hears OSC; None where nobody does.
        opened: closes what is opened here.
    """
    served = _Served(broadcast, keys)
    made = Guests(
        partial(_guest, targets, plays, keys),
        kinds=by_socket(),
        clock=desk.clock,
        commands=desk.commands,
        errands=desk.errands,
        add_target=served.add,
        drop_target=served.drop,
        ours=() if listener is None else listener.addresses,
    )
    opened.callback(made.close)
    return made
