"""The side of a show that dances: its performers, what changes them, and the models that may take over."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import NamedTuple

from engine.bill import Billed
from engine.casting import Casting
from engine.runtime.company import Company
from engine.runtime.loading import Loading
from engine.runtime.playing import Playing
from engine.runtime.scenes import Scenes
from engine.runtime.seats import Seats
from engine.runtime.stream import Stream
from engine.runtime.understudies import Understudies
from engine.side import Desktop, Side
from engine.streams import Streams


class Bodies(NamedTuple):
    """Those who dance.

    Attributes:
        billed: their act.
        playing: they themselves.
        streams: makes what plays another model.
    """

    billed: Billed
    playing: Playing
    streams: Streams


def open_bodies(billed: Billed, desk: Desktop, opened: ExitStack) -> Bodies:
    """The performers of a show, in their places.

    Raises:
        EngineError: the model cannot be played, or not so.
    """
    streams = Streams(desk.show, billed.cast, desk.fps, desk.journal)
    stream = streams.open(billed.loaded, billed.cast.model)
    playing = Playing(stream, stream.act.skeleton, desk.fps, desk.journal.write)
    opened.callback(playing.close)
    for number, entrance in Casting(billed.cast).opening():
        playing.join(number, **entrance._asdict())
    return Bodies(billed, playing, streams)


def steer_bodies(bodies: Bodies, desk: Desktop, *, began: Callable[[int], object], opened: ExitStack) -> Side:
    """What the performers are steered with.

    Args:
        bodies: they.
        desk: what everything here needs.
        began: is told the seed when they begin anew.
        opened: closes what is opened here.
    """
    settings, casting, playing = desk.show.settings, Casting(bodies.billed.cast), bodies.playing
    seats = Seats(desk.board, playing, opening=casting.entrance, seed=settings.seed)
    company = Company(playing, seats.entrance, commands=desk.commands, errands=desk.errands)
    understudies = _understudies(bodies, desk, opened)
    scenes = Scenes(
        desk.show.cues,
        board=desk.board,
        seats=seats,
        playing=playing,
        understudies=understudies,
        company=company,
        commands=desk.commands,
        errands=desk.errands,
        model=bodies.billed.cast.model,
        fps=desk.fps,
        began=began,
    )
    chores = (understudies.prepare, scenes.prepare)
    return Side(seats, scenes, company, _loading(bodies, desk, scenes, seats), chores)


def _understudies(bodies: Bodies, desk: Desktop, opened: ExitStack) -> Understudies:
    playing = bodies.playing
    made = Understudies(
        bodies.streams.make,
        [*dict.fromkeys([bodies.billed.cast.model, *desk.bill.models("bodies")])],
        out=playing.out,
        playing=lambda: playing.stream.model,
        room=lambda: max(playing.performers, default=1),
        say=desk.say,
    )
    opened.callback(made.close)
    return made


def _loading(bodies: Bodies, desk: Desktop, scenes: Scenes[Stream], seats: Seats) -> Loading:
    return Loading(
        bodies.streams.make,
        playing=bodies.playing,
        scenes=scenes,
        standing=seats.standing,
        crossfade=lambda: desk.board.value("crossfade"),
        commands=desk.commands,
        errands=desk.errands,
        outlet=desk.outlet,
        address=f"{desk.show.settings.root}/model/load",
        say=desk.say,
    )
