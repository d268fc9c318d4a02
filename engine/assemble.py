"""From a show as it is written to a stage that plays it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import NamedTuple

from engine import bill
from engine.bill import Billed
from engine.bodies import Bodies, open_bodies, steer_bodies
from engine.controls.desk import Desk
from engine.controls.osc import Listener
from engine.fit import check_controls
from engine.keys import Keys, open_keys
from engine.motion.rig import make_rig
from engine.motion.solve import Solver
from engine.pictures import Pictures, open_pictures
from engine.recording import open_recorders
from engine.runtime.bodiless import Bodiless
from engine.runtime.broadcast import Broadcast
from engine.runtime.clock import Clock
from engine.runtime.computed import Computed
from engine.runtime.hands import Hands
from engine.runtime.keyboard import Keyboard
from engine.runtime.maps import BodiesMap, OwnMap
from engine.runtime.playing import Playing
from engine.runtime.recorder import Recorder
from engine.runtime.recording import Recording
from engine.runtime.stage import Adds, Stage
from engine.runtime.target import Target
from engine.schema import show as written
from engine.side import Beside, Desktop, Side, follow, stand_alone
from engine.signs import Signs, open_gloves
from engine.steer import Steered, make_desk, make_targets, open_listener, steer, table
from engine.targets import Opener, receivers
from engine.ways_in import Say, Ways


class Assembled(NamedTuple):
    """A show that is ready.

    Attributes:
        stage: plays it.
        desk: talks to those who steer it; to be started with it.
        hands: play the keys, to be started with it; None where nobody does.
        keyboard: what they play on.
        pictures: who makes some; None where nobody does.
        signs: who reads some; likewise.
        recording: writes takes, to be started with it.
        acts: what is played, bodies first.
        fps: frames per second on the wire.
        listener: hears OSC; None where nobody does.
        stop: ends it.
    """

    stage: Stage
    desk: Desk
    hands: Hands | None
    keyboard: Keyboard | None
    pictures: Pictures | None
    signs: Signs | None
    recording: Recording
    acts: Sequence[Billed]
    fps: float
    listener: Listener | None
    stop: threading.Event


def assemble(show: written.Show, *, clock: Clock, say: Say, seconds: float | None = None) -> Assembled:
    """Open the models and the sockets of a show; the stage closes them.

    Args:
        show: checked.
        clock: the time to play by.
        say: takes one line for a person, also while the show plays.
        seconds: length of the show; None plays until it is ended.

    Raises:
        ConfigError: something in the show does not fit its models.
        ModelError: a model cannot be played.
        DataError: a score, or a file that an output needs, cannot be read.
        DeviceError: the device is not there.
        TransportError: a receiver cannot be reached.
    """
    acts = bill.read(show)
    check_controls(show, acts)
    with ExitStack() as opened:
        desk = make_desk(show, acts, clock, say)
        bodies = None if acts.bodies is None else open_bodies(acts.bodies, desk, opened)
        skeleton = None if bodies is None else bodies.playing.skeleton
        recorders = open_recorders(desk, table(acts), skeleton, opened)
        struck = recorders.recorder.struck
        targets = make_targets(desk, None if bodies is None else bodies.playing)
        broadcast = _broadcast(desk, targets, bodies, opened)
        listener = open_listener(show, say, opened, keys=acts.keys is not None)
        keys = None if acts.keys is None else open_keys(acts.keys, desk, targets, listener, struck, opened)
        pictures = None if acts.images is None else open_pictures(acts.images, desk, skeleton, opened)
        signs = None if acts.signs is None else open_gloves(acts.signs, desk, opened)
        besides = [each.beside for each in (keys, pictures, signs) if each is not None]
        side = _side(desk, bodies, besides, opened)
        plays = _plays(bodies, keys, pictures, signs)
        steered = steer(
            desk,
            side,
            plays=plays,
            ways=Ways(show, acts, tree=desk.tree, board=desk.board, say=say),
            broadcast=broadcast,
            targets=targets,
            listener=listener,
            keys=keys,
            signs=signs,
            witness=recorders.recorder.asked,
            opened=opened,
        )
        stage = _stage(
            desk,
            side,
            steered,
            plays,
            broadcast,
            keys,
            pictures,
            signs,
            recorders.recorder,
            seconds=seconds,
            resources=opened.pop_all(),
        )
    return Assembled(
        stage=stage,
        desk=steered.desk,
        hands=None if keys is None else keys.hands,
        keyboard=None if keys is None else keys.keyboard,
        pictures=pictures,
        signs=signs,
        recording=recorders.recording,
        acts=acts.acts,
        fps=desk.fps,
        listener=listener,
        stop=desk.stop,
    )


def _broadcast(desk: Desktop, targets: Opener, bodies: Bodies | None, opened: ExitStack) -> Broadcast:
    """The receivers of frames."""
    numbers = () if bodies is None else bodies.playing.performers
    found: list[Target] = []
    for receiver in receivers(desk.show, max(len(numbers), 1)):
        found.append(targets.target(receiver, numbers))
        opened.callback(found[-1].sender.close)
    return Broadcast(found, desk.outlet.report)


def _plays(bodies: Bodies | None, *others: Keys | Pictures | Signs | None) -> Playing | Bodiless:
    """Who is on; a bill has one of them."""
    if bodies is not None:
        return bodies.playing
    first = next(each for each in others if each is not None)
    return Bodiless(lambda: first.model, lambda: first.provider)


def _side(desk: Desktop, bodies: Bodies | None, besides: Sequence[Beside], opened: ExitStack) -> Side:
    """What is steered: the bodies, and after them the keys, the pictures and the signs; or these alone."""

    def begin(seed: int) -> None:
        for each in besides:
            each.seat.begin(seed)

    if bodies is None:
        side, besides_it = stand_alone(besides[0], desk, begin), besides[1:]
    else:
        side, besides_it = steer_bodies(bodies, desk, began=begin, opened=opened), besides
    for each in besides_it:
        side = follow(side, each, desk)
    return side


def _maps(acts: bill.Bill, keys: Keys | None, pictures: Pictures | None) -> Iterator[Adds]:
    """What tells where memories are on their maps, as far as the show asks; signs are told of with what is read."""
    if acts.bodies is not None and acts.bodies.cast.path != "off":
        yield BodiesMap(acts.bodies.cast.name)
    if acts.keys is not None and keys is not None and acts.keys.cast.path != "off":
        yield OwnMap(acts.keys.cast.name, lambda: keys.keyboard.path)
    if acts.images is not None and pictures is not None and acts.images.cast.path != "off":
        yield OwnMap(acts.images.cast.name, lambda: pictures.painting.act.path)


def _computed(desk: Desktop, plays: Playing | Bodiless, *others: Keys | Pictures | Signs | None) -> Computed:
    """Who says what the show is computed by."""
    sides: list[Callable[[], str]] = [lambda: plays.provider]
    sides += [partial(getattr, each, "provider") for each in others if each is not None]
    return Computed(sides, desk.say)


def _stage(
    desk: Desktop,
    side: Side,
    steered: Steered,
    plays: Playing | Bodiless,
    broadcast: Broadcast,
    keys: Keys | None,
    pictures: Pictures | None,
    signs: Signs | None,
    recorder: Recorder,
    *,
    seconds: float | None,
    resources: ExitStack,
) -> Stage:
    skeleton = plays.skeleton
    return Stage(
        plays,
        broadcast,
        steering=steered.steering,
        fps=desk.fps,
        clock=desk.clock,
        commands=desk.commands,
        errands=desk.errands,
        resources=resources,
        journal=desk.journal,
        records=recorder,
        latency=desk.show.settings.latency,
        seconds=seconds,
        solver=None if skeleton is None or make_rig(skeleton) is None else Solver(skeleton, desk.fps),
        keys=None if keys is None else keys.keyboard.notes,
        pictures=None if pictures is None else pictures.painting,
        also=[*_maps(desk.bill, keys, pictures), *([] if signs is None else [signs.reading])],
        chores=(*steered.chores, _computed(desk, plays, keys, pictures, signs).look),
        clients=lambda: steered.guests.clients,
        refused=lambda: side.loading.refused,
    )
