"""What would keep a show from being played, found without playing it."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from engine import bill
from engine.bodies import open_bodies
from engine.controls.echo import Nobody
from engine.controls.news import Outlet
from engine.fit import check_controls
from engine.inference.vet import load
from engine.keys import sit_down
from engine.pictures import check_pictures
from engine.recording import check_folder
from engine.runtime.clock import VirtualClock
from engine.schema import show as written
from engine.schema.errors import EngineError
from engine.signs import check_gloves
from engine.steer import make_desk, make_targets
from engine.targets import receivers
from engine.transport.udp import UdpSender
from engine.ways_in import Ways


def faults(show: written.Show) -> list[EngineError]:
    """What would keep a show from being played here and now: its models, what is asked of them, its receivers."""
    attempts: list[tuple[str, Callable[[], None]]] = [("", partial(_rehearse, show))]
    if show.takes != written.Takes():
        attempts.append(("", partial(check_folder, show.takes)))
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


def _rehearse(show: written.Show) -> None:
    """Open the acts and their outputs, and close them again; look at what MIDI is mapped to."""
    acts = bill.read(show)
    check_controls(show, acts)
    with ExitStack() as opened:
        desk = make_desk(show, acts, VirtualClock(), lambda _: None)
        bodies = None if acts.bodies is None else open_bodies(acts.bodies, desk, opened)
        if acts.keys is not None:
            sit_down(acts.keys, show.settings.seed, opened)
        if acts.images is not None:
            check_pictures(acts.images, desk)
        if acts.signs is not None:
            check_gloves(acts.signs)
        numbers = () if bodies is None else bodies.playing.performers
        targets = make_targets(desk, None if bodies is None else bodies.playing)
        for receiver in receivers(show, max(len(numbers), 1)):
            targets.output(receiver, numbers)
        ways = Ways(show, acts, tree=desk.tree, board=desk.board, say=desk.say)
        ways.desk(Outlet(), None, Nobody())


def _open(cue: written.Cue) -> None:
    """Look into the model of a cue."""
    if cue.model is not None:
        load(cue.model)


def _reach(receiver: written.Output) -> None:
    UdpSender(receiver.host, receiver.port).close()
