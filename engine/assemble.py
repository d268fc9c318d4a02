"""From a show as it is written to a stage that plays it."""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from engine import plugins
from engine.act import Act
from engine.casting import Casting
from engine.contracts import Loaded, Output
from engine.controls.osc import Listener
from engine.inference.onnx_model import OnnxModel
from engine.inference.vet import load
from engine.motion.one_euro import OneEuro
from engine.motion.rig import make_rig
from engine.motion.solve import Solver
from engine.priming import warm
from engine.runtime.cadence import Cadence
from engine.runtime.clock import Clock
from engine.runtime.stage import Stage
from engine.runtime.target import Target
from engine.schema import show as written
from engine.schema.controls import expanded, knobs
from engine.schema.errors import ConfigError, EngineError, ModelError, TransportError
from engine.schema.model import ModelSpec
from engine.schema.skeleton import Skeleton
from engine.transport.udp import UdpSender
from engine.troupe import capacity

LAST_PORT = 65535

OURS = ("127.0.0.1", "localhost", "0.0.0.0")  # noqa: S104
"""Hosts that a datagram is sent to and comes to where this show hears requests."""

PRIMES = "primes"
"""Name of the stored moments to start from, (N, L, J, 3) metres, among a model's arrays."""

FREEZE_SPEED = "freeze_speed"
"""Key of the speed, m/s, below which a performer counts as frozen, among a model's settings."""


class Assembled(NamedTuple):
    """A show that is ready.

    Attributes:
        stage: plays it.
        spec: of its model.
        provider: what the model runs on.
        fps: frames per second on the wire.
        deaf: why it hears no requests; empty where it does, or is not meant to.
    """

    stage: Stage
    spec: ModelSpec
    provider: str
    fps: float
    deaf: str


def assemble(show: written.Show, *, clock: Clock, seconds: float | None = None) -> Assembled:
    """Open the model and the sockets of a show; the stage closes them.

    Args:
        show: checked; exactly one act.
        clock: the time to play by.
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
    _check_controls(cast, spec)
    fps = spec.fps if settings.fps is None else settings.fps
    with ExitStack() as opened:
        act, provider = _open_act(loaded, cast, settings.seed, opened)
        for number, entrance in casting.opening():
            act.join(number, **entrance._asdict())
        skeleton = act.skeleton
        targets = [
            _target(each, _output(each, spec, act.performers, settings.root), _filter(each, skeleton, fps), opened)
            for each in receivers(show)
        ]
        listener, deaf = _listener(settings.control, opened)
        stage = Stage(
            act,
            targets,
            cadence=Cadence(skeleton, model_fps=spec.fps, fps=fps, speed=cast.controls.speed),
            solver=None if make_rig(skeleton) is None else Solver(skeleton, fps),
            listener=listener,
            root=settings.root,
            entrance=casting.entrance,
            fps=fps,
            clock=clock,
            model=spec.name,
            provider=provider,
            seconds=seconds,
            resources=opened.pop_all(),
        )
    return Assembled(stage, spec, provider, fps, deaf)


def receivers(show: written.Show) -> list[written.Output]:
    """The receivers of a show, one for each socket.

    A protocol that carries one performer has a port for each: its first performer's is the one that is written, the
    next one's follows it.

    Raises:
        ConfigError: there is no such port, or the show itself listens there.
    """
    found = [each for receiver in show.outputs for each in _ports(receiver, show.acts[0].performers)]
    for each in found:
        if each.port == show.settings.control and each.host in OURS:
            raise ConfigError(str(each), "the port for requests to this show", "another", "or move it: --control")
    return found


def _ports(receiver: written.Output, performers: int) -> list[written.Output]:
    if not plugins.single(receiver.kind):
        return [receiver]
    numbers = receiver.performer or tuple(range(1, performers + 1))
    if receiver.port + len(numbers) - 1 > LAST_PORT:
        raise ConfigError(str(receiver), f"{len(numbers)} performers from this port on", f"ports up to {LAST_PORT}")
    return [
        msgspec.structs.replace(receiver, port=receiver.port + index, performer=(number,))
        for index, number in enumerate(numbers)
    ]


def _open_act(loaded: Loaded, cast: written.Act, seed: int, opened: ExitStack) -> tuple[Act, str]:
    """An act of nobody yet, and what its model runs on."""
    model = OnnxModel(loaded, capacity(cast.performers, written.MAX_PERFORMERS), cast.device)
    opened.callback(model.close)
    act = make_act(loaded, model, seed=seed, rows=written.MAX_PERFORMERS, performers=())
    opened.callback(act.close)
    return act, model.provider


def _listener(port: int, opened: ExitStack) -> tuple[Listener | None, str]:
    """What hears requests, or else why it does not: a show is played all the same."""
    if port == 0:
        return None, ""
    try:
        listener = Listener(port=port)
    except TransportError as error:
        return None, str(error)
    opened.callback(listener.close)
    return listener, ""


def make_act(loaded: Loaded, model: OnnxModel, *, seed: int, rows: int = 1, performers: Sequence[int] = (1,)) -> Act:
    """An act that plays `model`, primed with the moments that its file holds.

    Args:
        loaded: the model's file.
        model: that is stepped.
        seed: of the noise.
        rows: performers that may ever play.
        performers: numbers of those who play from the start.

    Raises:
        ConfigError: no such family.
        ModelError: no moments, no freeze speed, or arrays that do not fit the family.
    """
    make_family = plugins.family(loaded.spec.family, place="figurant.spec: family")
    # On the CPU: one pass over a few seconds of movement does not repay starting a second session on a device.
    primes = warm(lambda batch: OnnxModel(loaded, batch, "cpu"), make_family(loaded, 1), _clips(loaded))
    speed = _freeze_speed(loaded.spec)
    return Act(model, make_family(loaded, rows), seed=seed, primes=primes, freeze_speed=speed, performers=performers)


def try_out(path: Path) -> None:
    """Compute one frame of a model on the CPU.

    Raises:
        EngineError: that does not work.
    """
    loaded = load(path)
    model = OnnxModel(loaded, 1, "cpu")
    try:
        make_act(loaded, model, seed=1).tick()
    finally:
        model.close()


def faults(show: written.Show) -> list[EngineError]:
    """What would keep a show from being played here and now: its model, what is asked of it, its receivers."""
    attempts: list[tuple[str, Callable[[], None]]] = [("", partial(_rehearse, show, act)) for act in show.acts]
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
    """Open an act and its outputs, and close them again."""
    loaded = load(cast.model)
    _check_controls(cast, loaded.spec)
    with ExitStack() as opened:
        _open_act(loaded, cast, show.settings.seed, opened)
        for receiver in receivers(show):
            _output(receiver, loaded.spec, tuple(range(1, cast.performers + 1)), show.settings.root)


def _reach(receiver: written.Output) -> None:
    UdpSender(receiver.host, receiver.port).close()


def _clips(loaded: Loaded) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    skeleton = loaded.spec.skeleton
    clips = loaded.arrays.get(PRIMES)
    if clips is None or not np.issubdtype(clips.dtype, np.floating):
        raise ModelError(f"figurant.arrays: {PRIMES}", "none", "moments to start from")
    if skeleton is None or clips.ndim != 4 or clips.shape[2] != len(skeleton.names):
        raise ModelError(f"figurant.arrays: {PRIMES}", f"an array {clips.shape}", "(clips, frames, joints, 3)")
    return clips.astype(np.float32)


def _freeze_speed(spec: ModelSpec) -> float:
    speed = spec.settings.get(FREEZE_SPEED)
    if isinstance(speed, bool | str) or speed is None or not 0 <= speed < math.inf:
        raise ModelError(f"figurant.spec: settings.{FREEZE_SPEED}", repr(speed), "metres per second, 0 or more")
    return float(speed)


def _check_controls(act: written.Act, spec: ModelSpec) -> None:
    """Refuse what the model's own ranges do not allow."""
    _check(knobs(act.controls), "act.controls", spec)
    for index, performer in enumerate(act.performer):
        _check(performer.controls, f"act.performer[{index}].controls", spec)


def _check(given: Mapping[str, float], place: str, spec: ModelSpec) -> None:
    for name, control in expanded(spec.controls).items():
        if name in given:
            msgspec.structs.replace(control, name=f"{place}.{name}").check(given[name])
    condition = given.get("condition", -1)
    if condition >= len(spec.conditions):
        known = ", ".join(f"{number} {name}" for number, name in enumerate(spec.conditions)) or "none"
        raise ConfigError(f"{place}.condition", str(condition), "a condition of the model", known)


def _target(receiver: written.Output, output: Output, smooth: OneEuro | None, opened: ExitStack) -> Target:
    sender = UdpSender(receiver.host, receiver.port)
    opened.callback(sender.close)
    return Target(output, sender, performers=receiver.performer, every=receiver.every, smooth=smooth)


def _filter(receiver: written.Output, skeleton: Skeleton, fps: float) -> OneEuro | None:
    """What smooths a receiver's own frames, where that is asked for."""
    if receiver.smooth == 0:
        return None
    return OneEuro(skeleton, fps=fps / receiver.every, cutoff=receiver.smooth, beta=receiver.beta)


def _output(receiver: written.Output, spec: ModelSpec, performers: Sequence[int], root: str) -> Output:
    options = plugins.options()[receiver.kind]() if receiver.options is None else receiver.options
    wanted = [number for number in performers if not receiver.performer or number in receiver.performer]
    return plugins.output(receiver.kind)(spec, wanted, root, options)
