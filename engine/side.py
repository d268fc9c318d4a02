"""What the sides of a show (bodies, keys, pictures, signs) are made from, and what each gives to its steering."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from engine import bill
from engine.bill import Bill, Billed
from engine.bundled import find_model
from engine.controls.board import Board
from engine.controls.letter import Source
from engine.controls.news import Outlet
from engine.controls.tree import Tree
from engine.runtime import own_loading
from engine.runtime.bodiless import Empty
from engine.runtime.clock import Clock
from engine.runtime.commands import Command, Commands
from engine.runtime.journal import Journal
from engine.runtime.own_loading import Changes, OwnLoading, P, P_contra, Sorted
from engine.runtime.own_seat import Everybody, OwnSeat, Seating, Told
from engine.runtime.recital import Recital, Together
from engine.runtime.requests import Call
from engine.runtime.steering import Directs, Gathers
from engine.schema.controls import Part
from engine.schema.errors import ConfigError
from engine.schema.show import OWN_ROWS, Show
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


class Loads(own_loading.Loads, Protocol):
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


class Beside(NamedTuple):
    """What keys, pictures or signs give to the steering of a show, alone or beside others.

    Attributes:
        billed: the act.
        seat: tells who plays.
        want: has a model play as soon as it is there, unless it does.
        loading: has another model play.
        chores: errands for every look.
    """

    billed: Billed
    seat: OwnSeat
    want: Callable[[str], object]
    loading: Loads
    chores: Sequence[Command]


class Player(Told, Changes[P_contra], Protocol[P_contra]):
    """What plays an act of keys, pictures or signs."""


def make_beside(
    billed: Billed,
    desk: Desktop,
    player: Player[P],
    *,
    make: Callable[[str, int], P],
    chores: Sequence[Command],
) -> Beside:
    """What an act that is not of bodies is steered by.

    Args:
        billed: the act.
        desk: what everything that steers needs.
        player: plays it.
        make: what plays another model, tried out, of its name and a seed; takes its time.
        chores: errands for every look.
    """
    settings = desk.show.settings
    seat = OwnSeat(desk.board, player, row=OWN_ROWS[billed.part], seed=settings.seed)
    loading = OwnLoading[P](
        lambda model: make(model, seat.seed),
        stand=player,
        model=billed.loaded.spec.name,
        file=billed.cast.model,
        commands=desk.commands,
        errands=desk.errands,
        outlet=desk.outlet,
        address=f"{settings.root}/model/load",
        say=desk.say,
    )
    return Beside(billed, seat, loading.want, loading, chores)


def stand_alone(first: Beside, desk: Desktop, begin: Callable[[int], object]) -> Side:
    """What a show without bodies is steered with.

    Args:
        first: who plays; others may be added by `follow`.
        desk: what everything that steers needs.
        begin: has everybody begin anew with a seed.
    """
    recital = Recital(
        desk.board,
        begin,
        load=first.want,
        model=first.billed.cast.model,
        seed=desk.show.settings.seed,
        fps=desk.fps,
    )
    return Side(first.seat, recital, Empty(), first.loading, first.chores)


def follow(side: Side, other: Beside, desk: Desktop) -> Side:
    """What a show is steered with where somebody plays beside: what is done to the others, and after them to these."""
    part = other.billed.part
    return Side(
        seats=Everybody(side.seats, other.seat),
        scenes=Together(side.scenes, load=other.want, model=other.billed.cast.model, models=desk.bill.models(part)),
        company=side.company,
        loading=Sorted(
            side.loading,
            other.loading,
            mine=lambda model: plays(part, model),
            commands=desk.commands,
            errands=desk.errands,
        ),
        chores=(*side.chores, *other.chores),
    )


def plays(part: Part, model: str) -> bool:
    """Whether a file, or a bundled model, is for this part; what is nowhere is left to others to refuse."""
    try:
        return bill.part_of(str(find_model(model, Path(), "model"))) == part
    except ConfigError:
        return False
