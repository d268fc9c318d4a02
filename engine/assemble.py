"""From a show as it is written to a stage that plays it."""

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine import config
from engine.casting import Casting
from engine.contracts import Loaded
from engine.controls.board import Board
from engine.controls.desk import Desk
from engine.controls.news import Outlet
from engine.controls.osc import Listener
from engine.controls.tree import Tree
from engine.inference.onnx_model import OnnxModel
from engine.inference.vet import load
from engine.motion.rig import make_rig
from engine.motion.solve import Solver
from engine.open_act import make_act
from engine.runtime.broadcast import Broadcast
from engine.runtime.cadence import Cadence
from engine.runtime.clock import Clock
from engine.runtime.playing import Playing, Stream
from engine.runtime.stage import Stage
from engine.runtime.target import Target
from engine.schema import show as written
from engine.schema.controls import expanded, knobs
from engine.schema.errors import ConfigError, EngineError
from engine.schema.model import ModelSpec
from engine.steer import Stand, steer, table
from engine.targets import Opener, ports, receivers
from engine.transport.udp import UdpSender
from engine.troupe import capacity
from engine.ways_in import Say, Ways


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
    _check_controls(show, spec)
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


class Streams:
    """Makes what plays a model; all of them are alike, so that the same frames come from whichever is at hand.

    Args:
        show: says where models are computed, and for how many performers.
        fps: frames per second on the wire.
    """

    def __init__(self, show: written.Show, fps: float) -> None:
        (self._cast,) = show.acts
        self._seed, self._fps = show.settings.seed, fps
        wanted = [self._cast.performers, *(round(cue.controls.get("performers", 0)) for cue in show.cues)]
        self._rooms = sorted({max(count, 1) for count in wanted})

    def make(self, model: str) -> Stream:
        """A stream of a file, or of a bundled model, with nobody in it.

        Raises:
            EngineError: there is no such model, or it cannot be played.
        """
        return self.open(load(config.find_model(model, Path(), "model")), model)

    def open(self, loaded: Loaded, model: str) -> Stream:
        """A stream with nobody in it; errors as for `assemble`."""
        first, *others = self._rooms
        stepped = OnnxModel(loaded, capacity(first, written.MAX_PERFORMERS), self._cast.device)
        with ExitStack() as opened:
            opened.callback(stepped.close)
            act = make_act(loaded, stepped, seed=self._seed, rows=written.MAX_PERFORMERS, performers=())
            opened.callback(act.close)
            for room in others:
                act.reserve(room)
            speed = self._cast.controls.speed
            cadence = Cadence(act.skeleton, model_fps=loaded.spec.fps, fps=self._fps, speed=speed)
            opened.pop_all()
        return Stream(act, cadence, loaded.spec.name, stepped.provider, model)


def _guest(targets: Opener, playing: Playing, receiver: written.Output) -> Target:
    """The target of somebody who subscribes: of the first performer, where its protocol carries one."""
    first, *_ = ports(receiver, 1)
    return targets.target(first, playing.performers)


def faults(show: written.Show) -> list[EngineError]:
    """What would keep a show from being played here and now: its model, what is asked of it, its receivers."""
    attempts: list[tuple[str, Callable[[], None]]] = [("", partial(_rehearse, show, act)) for act in show.acts]
    attempts += [(f"cues[{number}].model: ", partial(_open, cue)) for number, cue in enumerate(show.cues)]
    attempts += [(f"outputs[{number}]: ", partial(_reach, each)) for number, each in enumerate(show.outputs)]
    found: list[EngineError] = []
    for place, attempt in attempts:
        try:
            attempt()
        except EngineError as error:
            error.place = place + error.place
            found.append(error)
    return found


def _rehearse(show: written.Show, cast: written.Act) -> None:
    """Open an act and its outputs, and close them again; look at what MIDI is mapped to."""
    loaded = load(cast.model)
    spec, settings = loaded.spec, show.settings
    _check_controls(show, spec)
    fps = spec.fps if settings.fps is None else settings.fps
    stream = Streams(show, fps).open(loaded, cast.model)
    with ExitStack() as opened:
        opened.callback(stream.close)
        targets = Opener(spec, stream.act.skeleton, fps=fps, root=settings.root)
        for receiver in receivers(show):
            targets.output(receiver, tuple(range(1, cast.performers + 1)))
        knobs = table(spec)
        tree = Tree(settings.root, knobs, cues=[cue.name for cue in show.cues])
        Ways(show, spec, tree=tree, board=Board(knobs, fps=fps), say=lambda _: None).desk(Outlet(), None, tuple)


def _open(cue: written.Cue) -> None:
    """Look into the model of a cue."""
    if cue.model is not None:
        load(cue.model)


def _reach(receiver: written.Output) -> None:
    UdpSender(receiver.host, receiver.port).close()


def _check_controls(show: written.Show, spec: ModelSpec) -> None:
    """Refuse what the model's own ranges do not allow."""
    for act in show.acts:
        _check(knobs(act.controls), "act.controls", spec)
        for index, performer in enumerate(act.performer):
            _check(performer.controls, f"act.performer[{index}].controls", spec)
    for number, cue in enumerate(show.cues):
        if cue.model is None:
            _check(cue.controls, f"cues[{number}].controls", spec)
            for index, performer in enumerate(cue.performer):
                _check(performer.controls, f"cues[{number}].performer[{index}].controls", spec)


def _check(given: Mapping[str, float], place: str, spec: ModelSpec) -> None:
    for name, control in expanded(spec.controls).items():
        if name in given:
            msgspec.structs.replace(control, name=f"{place}.{name}").check(given[name])
    condition = given.get("condition", -1)
    if condition >= len(spec.conditions):
        known = ", ".join(f"{number} {name}" for number, name in enumerate(spec.conditions)) or "none"
        raise ConfigError(f"{place}.condition", str(condition), "a condition of the model", known)
