"""From a show as it is written to what steers it: its addresses, its knobs, its cues, and who may turn them."""

import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import NamedTuple

import msgspec

from engine.bill import Bill
from engine.casting import Casting
from engine.controls.board import ACT, Board
from engine.controls.desk import Desk
from engine.controls.news import Outlet
from engine.controls.notes import read_note, read_pedal
from engine.controls.osc import Listener
from engine.controls.tree import Tree
from engine.fit import sent
from engine.keys import Keys
from engine.runtime.broadcast import Broadcast
from engine.runtime.clock import Clock
from engine.runtime.commands import Command, Commands
from engine.runtime.guests import Guests
from engine.runtime.journal import Journal
from engine.runtime.keyboard import Keyboard
from engine.runtime.playing import Playing
from engine.runtime.requests import Mailbox, Verb, Witness, pressed
from engine.runtime.seats import written
from engine.runtime.steering import Plays, Steering
from engine.schema.controls import PARAMETERS, Control, expanded, knobs
from engine.schema.errors import TransportError
from engine.schema.show import OWN_ROWS, Show
from engine.serving import Guest, serve
from engine.side import Desktop, Side
from engine.signs import Signs
from engine.targets import Opener
from engine.tells import tells
from engine.ways_in import Say, Ways

WAITING = 256
"""Commands, and errands, that wait at most: more than all performers at once."""

SMOOTH_FPS = 30.0
"""Frames per second of pictures alone, at least: a slower model's are shown on their way from one to the next."""

ROOM = 1 << 22
"""Bytes: some seconds of 10 000 notes a second."""


class Steered(NamedTuple):
    """A show that can be steered.

    Attributes:
        steering: obeys, in the frame thread.
        desk: talks to the outside, in a thread of its own.
        chores: errands for every look.
        guests: who has subscribed.
    """

    steering: Steering
    desk: Desk
    chores: Sequence[Command]
    guests: Guests[Guest]


def steer(
    desk: Desktop,
    side: Side,
    *,
    plays: Plays,
    ways: Ways,
    broadcast: Broadcast,
    targets: Opener,
    listener: Listener | None,
    keys: Keys | None,
    signs: Signs | None,
    witness: Witness,
    opened: ExitStack,
) -> Steered:
    """Give a show everything that it is steered with.

    Args:
        desk: what everything here needs.
        side: what is steered, taken together.
        plays: who is on.
        ways: of steering.
        broadcast: the receivers.
        targets: makes those of guests.
        listener: hears OSC; None where nobody does.
        keys: take notes, and hand on what else the listener hears; None where nobody plays any.
        signs: take samples, and call cues; None where nobody reads any.
        witness: is told what was done for whom.
        opened: closes what is opened here.

    Raises:
        ConfigError: a MIDI mapping makes no sense.
    """
    settings = desk.show.settings
    guests = serve(desk, broadcast, targets, plays=plays, keys=keys, listener=listener, opened=opened)
    first: Mailbox | None = listener if keys is None else keys.heard
    steering = Steering(
        [*([] if signs is None else [signs.called]), *([] if first is None else [first]), *ways.inboxes],
        desk.tree,
        board=desk.board,
        seats=side.seats,
        playing=plays,
        company=side.company,
        scenes=side.scenes,
        cues=desk.show.cues,
        commands=desk.commands,
        outlet=desk.outlet,
        root=settings.root,
        gap=settings.go_gap,
        verbs={
            "hello": pressed(broadcast.announce),
            "stop": pressed(desk.stop.set),
            "subscribe": guests.subscribe,
            "load": side.loading.read,
            **({} if keys is None else _pressed(keys.keyboard)),
            **({} if signs is None else signs.verbs),
        },
        witness=witness,
    )
    made = ways.desk(desk.outlet, listener, guests, None if keys is None else keys.keyboard)
    opened.callback(made.close)
    return Steered(steering, made, (*side.chores, guests.sweep), guests)


def make_desk(show: Show, bill: Bill, clock: Clock, say: Say) -> Desktop:
    """What everything that steers a show needs, with the knobs where it is written that they stand."""
    own = max(bill.first.loaded.spec.fps, SMOOTH_FPS if bill.first.part == "images" else 0.0)
    fps = own if show.settings.fps is None else show.settings.fps
    return Desktop(
        show=show,
        bill=bill,
        fps=fps,
        tree=make_tree(show, bill),
        board=make_board(show, bill, fps),
        commands=Commands(WAITING),
        errands=Commands(WAITING),
        outlet=Outlet(),
        clock=clock,
        stop=threading.Event(),
        say=say,
        journal=Journal(),
    )


def make_targets(desk: Desktop, playing: Playing | None) -> Opener:
    """What makes the targets of a show."""
    skeleton = None if playing is None else playing.skeleton
    spec, root = desk.bill.first.loaded.spec, desk.show.settings.root
    return Opener(spec, skeleton, fps=desk.fps, root=root, say=desk.say)


def make_board(show: Show, bill: Bill, fps: float) -> Board:
    """Where every knob stands at first."""
    seed, rows = show.settings.seed, dict[int, Mapping[str, float]]()
    for billed in reversed([each for each in bill.acts if each.part in OWN_ROWS]):
        rows[ACT] = rows[OWN_ROWS[billed.part]] = knobs(billed.cast.controls) | {"seed": seed}
    if bill.bodies is not None:
        rows |= written(bill.bodies.cast, Casting(bill.bodies.cast).entrance, seed=seed)
    rows[ACT] = {**rows[ACT], "record": show.takes.record}
    return Board(table(bill), fps=fps, initial=rows)


def make_tree(show: Show, bill: Bill) -> Tree:
    """Every address."""
    cues = [cue.name for cue in show.cues]
    sample = 1 if bill.signs is None else sent(bill.signs)
    return Tree(show.settings.root, table(bill), cues=cues, parts=bill.parts, sample=sample, tells=tells(bill))


def table(bill: Bill) -> Mapping[str, Control]:
    """Every single knob by its name, within the range that the models give it."""
    own: dict[str, Control] = {}
    for billed in bill.acts:
        own |= expanded(billed.loaded.spec.controls)
    found = {name: _narrowed(control, own.get(name)) for name, control in expanded(PARAMETERS).items()}
    conditions = bill.bodies.loaded.spec.conditions if bill.bodies is not None else ()
    genres = msgspec.structs.replace(found["condition"], high=len(conditions) - 1)
    return {**found, "condition": genres}


def _narrowed(control: Control, own: Control | None) -> Control:
    if own is None:
        return control
    low, high = max(control.low, own.low), min(control.high, own.high)
    return msgspec.structs.replace(control, low=low, high=high, default=min(max(control.default, low), high))


def open_listener(show: Show, say: Say, opened: ExitStack, *, keys: bool) -> Listener | None:
    """What hears OSC; where it cannot, that is said, and the show is played all the same.

    Where keys are played, the system is asked to keep more: a key whose lifting is lost would hang.
    """
    settings = show.settings
    if settings.control == 0:
        return None
    try:
        listener = Listener(settings.listen, settings.control, allow=settings.allow, room=ROOM if keys else 0)
    except TransportError as error:
        say(f"nothing can be asked of this show over OSC: {error}")
        return None
    opened.callback(listener.close)
    return listener


def _pressed(keyboard: Keyboard) -> Mapping[str, Verb]:
    """Keys that are pressed in other ways than over OSC."""
    return {
        "note": lambda arguments, _: partial(keyboard.hear, read_note(arguments)),
        "pedal": lambda arguments, _: partial(keyboard.hear, read_pedal(arguments)),
    }
