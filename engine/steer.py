"""From a show as it is written to what steers it: its addresses, its knobs, its cues, and who may turn them."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import NamedTuple

import msgspec

from engine import plugins
from engine.casting import Casting
from engine.controls.board import Board
from engine.controls.desk import Desk
from engine.controls.news import Outlet
from engine.controls.osc import Listener
from engine.controls.tree import Tree
from engine.runtime.broadcast import Broadcast
from engine.runtime.clock import Clock
from engine.runtime.commands import Command, Commands
from engine.runtime.company import Company
from engine.runtime.guests import Guests
from engine.runtime.loading import Loading
from engine.runtime.playing import Playing
from engine.runtime.requests import pressed
from engine.runtime.scenes import Scenes
from engine.runtime.seats import Seats, written
from engine.runtime.steering import Steering
from engine.runtime.stream import Stream
from engine.runtime.target import Target
from engine.runtime.understudies import Understudies
from engine.schema.controls import PARAMETERS, Control, expanded
from engine.schema.errors import TransportError
from engine.schema.model import ModelSpec
from engine.schema.show import Output, Show
from engine.ways_in import Say, Ways

WAITING = 256
"""Commands, and errands, that wait at most: more than all performers at once."""


class Stand(NamedTuple):
    """What there is of a show already.

    Attributes:
        show: as it is written.
        spec: of its model.
        fps: frames per second on the wire.
        playing: its performers, in their places.
        broadcast: its receivers.
        outlet: is told what is new.
        make: makes a stream of a model, with nobody in it.
        target: makes the target of somebody who subscribes.
        clock: the time.
        stop: ends it.
    """

    show: Show
    spec: ModelSpec
    fps: float
    playing: Playing
    broadcast: Broadcast
    outlet: Outlet
    make: Callable[[str], Stream]
    target: Callable[[Output], Target]
    clock: Clock
    stop: threading.Event


class Steered(NamedTuple):
    """A show that can be steered.

    Attributes:
        steering: obeys, in the frame thread.
        desk: talks to the outside, in a thread of its own.
        commands: done in the frame thread.
        errands: done in a thread that may take its time.
        chores: errands for every look.
        guests: who has subscribed.
        loading: brings other models.
        listener: hears OSC; None where nobody does.
    """

    steering: Steering
    desk: Desk
    commands: Commands
    errands: Commands
    chores: Sequence[Command]
    guests: Guests
    loading: Loading
    listener: Listener | None


class _Parts(NamedTuple):
    """What everything else here needs."""

    commands: Commands
    errands: Commands
    tree: Tree
    board: Board
    seats: Seats


def steer(stand: Stand, casting: Casting, *, say: Say, opened: ExitStack) -> Steered:
    """Give a show everything that it is steered with.

    Args:
        stand: what there is of it.
        casting: who plays in it.
        say: takes one line for a person.
        opened: closes what is opened here.

    Raises:
        ConfigError: a MIDI mapping makes no sense.
    """
    settings, parts = stand.show.settings, _parts(stand, casting)
    company = Company(stand.playing, parts.seats.entrance, commands=parts.commands, errands=parts.errands)
    understudies = _understudies(stand, say, opened)
    scenes = _scenes(stand, parts, company, understudies)
    loading = _loading(stand, parts, scenes, say)
    ways = Ways(stand.show, stand.spec, tree=parts.tree, board=parts.board, say=say)
    listener = _listener(stand.show, say, opened)
    guests = _guests(stand, parts, listener, opened)
    steering = Steering(
        [*([] if listener is None else [listener]), *ways.inboxes],
        parts.tree,
        board=parts.board,
        seats=parts.seats,
        playing=stand.playing,
        company=company,
        scenes=scenes,
        cues=stand.show.cues,
        commands=parts.commands,
        outlet=stand.outlet,
        root=settings.root,
        gap=settings.go_gap,
        verbs={
            "hello": pressed(stand.broadcast.announce),
            "stop": pressed(stand.stop.set),
            "subscribe": guests.subscribe,
            "load": loading.read,
        },
    )
    desk = ways.desk(stand.outlet, listener, lambda: guests.destinations)
    opened.callback(desk.close)
    chores = (understudies.prepare, scenes.prepare, guests.sweep)
    return Steered(steering, desk, parts.commands, parts.errands, chores, guests, loading, listener)


def _parts(stand: Stand, casting: Casting) -> _Parts:
    settings, knobs = stand.show.settings, table(stand.spec)
    initial = written(stand.show.acts[0], casting.entrance, seed=settings.seed)
    board = Board(knobs, fps=stand.fps, initial=initial)
    return _Parts(
        commands=Commands(WAITING),
        errands=Commands(WAITING),
        tree=Tree(settings.root, knobs, cues=[cue.name for cue in stand.show.cues]),
        board=board,
        seats=Seats(board, stand.playing, opening=casting.entrance, seed=settings.seed),
    )


def _understudies(stand: Stand, say: Say, opened: ExitStack) -> Understudies:
    show, playing = stand.show, stand.playing
    models = dict.fromkeys([show.acts[0].model, *(cue.model for cue in show.cues if cue.model is not None)])
    made = Understudies(
        stand.make,
        [*models],
        out=playing.out,
        playing=lambda: playing.stream.model,
        room=lambda: max(playing.performers, default=1),
        say=say,
    )
    opened.callback(made.close)
    return made


def _scenes(stand: Stand, parts: _Parts, company: Company, understudies: Understudies) -> Scenes[Stream]:
    return Scenes(
        stand.show.cues,
        board=parts.board,
        seats=parts.seats,
        playing=stand.playing,
        understudies=understudies,
        company=company,
        commands=parts.commands,
        errands=parts.errands,
        model=stand.show.acts[0].model,
        fps=stand.fps,
    )


def _loading(stand: Stand, parts: _Parts, scenes: Scenes[Stream], say: Say) -> Loading:
    return Loading(
        stand.make,
        playing=stand.playing,
        scenes=scenes,
        standing=parts.seats.standing,
        crossfade=lambda: parts.board.value("crossfade"),
        commands=parts.commands,
        errands=parts.errands,
        outlet=stand.outlet,
        address=f"{stand.show.settings.root}/model/load",
        say=say,
    )


def _guests(stand: Stand, parts: _Parts, listener: Listener | None, opened: ExitStack) -> Guests:
    made = Guests(
        stand.target,
        kinds=plugins.options(),
        clock=stand.clock,
        commands=parts.commands,
        errands=parts.errands,
        add_target=stand.broadcast.add,
        drop_target=stand.broadcast.drop,
        ours=() if listener is None else listener.addresses,
    )
    opened.callback(made.close)
    return made


def table(spec: ModelSpec) -> Mapping[str, Control]:
    """Every single knob by its name, within the range that the model gives it."""
    own = expanded(spec.controls)
    found = {name: _narrowed(control, own.get(name)) for name, control in expanded(PARAMETERS).items()}
    genres = msgspec.structs.replace(found["condition"], high=len(spec.conditions) - 1)
    return {**found, "condition": genres}


def _narrowed(control: Control, own: Control | None) -> Control:
    if own is None:
        return control
    low, high = max(control.low, own.low), min(control.high, own.high)
    return msgspec.structs.replace(control, low=low, high=high, default=min(max(control.default, low), high))


def _listener(show: Show, say: Say, opened: ExitStack) -> Listener | None:
    """What hears OSC; where it cannot, that is said, and the show is played all the same."""
    settings = show.settings
    if settings.control == 0:
        return None
    try:
        listener = Listener(settings.listen, settings.control, allow=settings.allow)
    except TransportError as error:
        say(f"nothing can be asked of this show over OSC: {error}")
        return None
    opened.callback(listener.close)
    return listener
