"""What the two sides of a show, its bodies and its keys, are made from, and what each gives to its steering."""

import threading
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from engine.bill import Bill
from engine.controls.board import Board
from engine.controls.letter import Source
from engine.controls.news import Outlet
from engine.controls.tree import Tree
from engine.runtime import key_loading
from engine.runtime.clock import Clock
from engine.runtime.commands import Command, Commands
from engine.runtime.journal import Journal
from engine.runtime.key_seat import Seating
from engine.runtime.requests import Call
from engine.runtime.steering import Directs, Gathers
from engine.schema.show import Show
from engine.ways_in import Say
from engine.wire.decode import Value


class Desktop(NamedTuple):
    """What everything that steers a show needs.

    Attributes:
        show: as it is written.
        bill: its acts.
        fps: frames per second on the wire.
        tree: every address.
        board: the knobs.
        commands: done in the frame thread.
        errands: done in a thread that may take its time.
        outlet: is told what is new.
        clock: the time.
        stop: ends the show.
        say: takes one line for a person.
        journal: is told what is done to those who dance.
    """

    show: Show
    bill: Bill
    fps: float
    tree: Tree
    board: Board
    commands: Commands
    errands: Commands
    outlet: Outlet
    clock: Clock
    stop: threading.Event
    say: Say
    journal: Journal


class Loads(key_loading.Loads, Protocol):
    """Has another model play, also for those who ask by a letter."""

    def read(self, arguments: Sequence[Value], source: Source) -> Call:
        """A model by its file or its name; a verb of `Requests`."""
        ...


class Side(NamedTuple):
    """What one side gives to the steering of a show.

    Attributes:
        seats: tell those who play.
        scenes: do what cues say.
        company: brings performers on and off.
        loading: has another model play.
        chores: errands for every look.
    """

    seats: Seating
    scenes: Directs
    company: Gathers
    loading: Loads
    chores: Sequence[Command] = ()
