"""What would keep a show from being played, found without playing it."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from engine.controls.board import Board
from engine.controls.news import Outlet
from engine.controls.tree import Tree
from engine.fit import check_controls
from engine.inference.vet import load
from engine.schema import show as written
from engine.schema.errors import EngineError
from engine.steer import table
from engine.streams import Streams
from engine.targets import Opener, receivers
from engine.transport.udp import UdpSender
from engine.ways_in import Ways


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
    check_controls(show, spec)
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
