"""From a show as it is written to a stage that plays it."""

import threading
from contextlib import ExitStack
from functools import partial
from typing import NamedTuple

from engine.casting import Casting
from engine.controls.desk import Desk
from engine.controls.news import Outlet
from engine.controls.osc import Listener
from engine.fit import check_controls
from engine.inference.vet import load
from engine.motion.rig import make_rig
from engine.motion.solve import Solver
from engine.runtime.broadcast import Broadcast
from engine.runtime.clock import Clock
from engine.runtime.playing import Playing
from engine.runtime.stage import Stage
from engine.runtime.target import Target
from engine.schema import show as written
from engine.schema.model import ModelSpec
from engine.steer import Stand, steer
from engine.streams import Streams
from engine.targets import Opener, ports, receivers
from engine.ways_in import Say


class Assembled(NamedTuple):
    """A show that is ready.

    Attributes:
        stage: plays it.
        desk: talks to those who steer it; to be started with it.
        spec: of its model.
        provider: what the model runs on.
        fps: frames per second on the wire.
        listener: hears OSC; None where nobody does.
        stop: ends it.
    """

    stage: Stage
    desk: Desk
    spec: ModelSpec
    provider: str
    fps: float
    listener: Listener | None
    stop: threading.Event


def assemble(show: written.Show, *, clock: Clock, say: Say, seconds: float | None = None) -> Assembled:
    """Open the model and the sockets of a show; the stage closes them.

    Args:
        show: checked; exactly one act.
        clock: the time to play by.
        say: takes one line for a person, also while the show plays.
        seconds: length of the show; None plays until it is ended.

    Raises:
        ConfigError: something in the show does not fit its model.
        ModelError: the model cannot be played.
        DataError: a file that an output needs cannot be read.
        DeviceError: the device is not there.
        TransportError: a receiver cannot be reached.
    """
    (cast,) = show.acts
    loaded = load(cast.model)
    spec, settings, casting = loaded.spec, show.settings, Casting(cast)
    check_controls(show, spec)
    fps = spec.fps if settings.fps is None else settings.fps
    with ExitStack() as opened:
        streams = Streams(show, fps)
        stream = streams.open(loaded, cast.model)
        skeleton = stream.act.skeleton
        playing = Playing(stream, skeleton, fps)
        opened.callback(playing.close)
        for number, entrance in casting.opening():
            playing.join(number, **entrance._asdict())
        targets = Opener(spec, skeleton, fps=fps, root=settings.root)
        found = []
        for receiver in receivers(show):
            found.append(targets.target(receiver, playing.performers))
            opened.callback(found[-1].sender.close)
        outlet = Outlet()
        broadcast = Broadcast(found, outlet.report)
        stop = threading.Event()
        stand = Stand(
            show=show,
            spec=spec,
            fps=fps,
            playing=playing,
            broadcast=broadcast,
            outlet=outlet,
            make=streams.make,
            target=partial(_guest, targets, playing),
            clock=clock,
            stop=stop,
        )
        steered = steer(stand, casting, say=say, opened=opened)
        stage = Stage(
            playing,
            broadcast,
            steering=steered.steering,
            fps=fps,
            clock=clock,
            commands=steered.commands,
            errands=steered.errands,
            resources=opened.pop_all(),
            latency=settings.latency,
            seconds=seconds,
            solver=None if make_rig(skeleton) is None else Solver(skeleton, fps),
            chores=steered.chores,
            clients=lambda: steered.guests.clients,
            refused=lambda: steered.loading.refused,
        )
    return Assembled(stage, steered.desk, spec, stream.provider, fps, steered.listener, stop)


def _guest(targets: Opener, playing: Playing, receiver: written.Output) -> Target:
    """The target of somebody who subscribes: of the first performer, where its protocol carries one."""
    first, *_ = ports(receiver, 1)
    return targets.target(first, playing.performers)
