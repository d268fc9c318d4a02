"""The side of a show that plays the piano: the pianist, the keyboard and its hands, and what steers them."""

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

from engine import bill
from engine.bill import Billed
from engine.bundled import find_model
from engine.controls.letter import Inbox
from engine.controls.osc import Listener
from engine.inference.vet import load
from engine.midi import file as midi_file
from engine.open_pianist import open_pianist
from engine.pianist import Pianist
from engine.runtime.bell import Bell
from engine.runtime.bodiless import Empty
from engine.runtime.hands import Hands
from engine.runtime.key_loading import KeyLoading, Sorted
from engine.runtime.key_seat import Everybody, KeySeat
from engine.runtime.keyboard import Keyboard
from engine.runtime.note_target import NoteTarget
from engine.runtime.recital import Recital, Together
from engine.runtime.strings import Witness
from engine.schema.errors import ConfigError, ModelError
from engine.schema.note import DOWN, Score
from engine.schema.show import Output
from engine.side import Desktop, Side
from engine.targets import Opener

TRIED = 100
"""Keys that a model strikes unheard before it may be heard."""

STEP = 100_000_000
"""Nanoseconds between two of them."""

MIDDLE_C, OCTAVE = 60, 12


class Keys(NamedTuple):
    """Who plays the piano.

    Attributes:
        billed: the act.
        keyboard: what is played on.
        hands: the thread that plays.
        heard: what the listener hears of other things.
        seat: tells the pianist what the board says.
        loading: has another model play.
    """

    billed: Billed
    keyboard: Keyboard
    hands: Hands
    heard: Inbox
    seat: KeySeat
    loading: KeyLoading

    @property
    def provider(self) -> str:
        """What the model runs on."""
        return self.keyboard.pianist.provider


def open_keys(
    billed: Billed, desk: Desktop, targets: Opener, listener: Listener | None, witness: Witness, opened: ExitStack
) -> Keys:
    """A pianist at a keyboard.

    Args:
        billed: the act.
        desk: what everything that steers needs.
        targets: makes those of the show's receivers.
        listener: hears keys; None where nobody does.
        witness: is told what leaves.
        opened: closes what is opened here.

    Raises:
        DataError: the score cannot be read.
        EngineError: the model cannot be played, or a receiver cannot be reached.
    """
    show, settings = desk.show, desk.show.settings
    pianist, score = sit_down(billed, settings.seed, opened)
    if score is not None and score.left_out:
        desk.say(f"{score.name}: left out {', '.join(f'{count} {why}' for why, count in score.left_out.items())}")
    receivers = [_receiver(targets, each, opened) for each in show.outputs]
    bell, heard = Bell(), Inbox()
    keyboard = Keyboard(
        pianist,
        receivers,
        clock=desk.clock,
        seed=settings.seed,
        root=settings.root,
        ear=listener,
        rest=heard,
        score=score,
        loop=billed.cast.loop,
        wake=bell.ring,
        witness=witness,
    )
    opened.callback(keyboard.close)
    handles = tuple if listener is None else lambda: listener.handles
    hands = Hands(keyboard, bell, desk.clock, handles=handles, failed=desk.stop.set)
    opened.callback(hands.close)
    seat = KeySeat(desk.board, keyboard, seed=settings.seed)
    loading = KeyLoading(
        lambda model: _tried(model, seat.seed, billed.cast.device),
        keyboard=keyboard,
        model=billed.loaded.spec.name,
        file=billed.cast.model,
        commands=desk.commands,
        errands=desk.errands,
        outlet=desk.outlet,
        address=f"{settings.root}/model/load",
        say=desk.say,
    )
    return Keys(billed, keyboard, hands, heard, seat, loading)


def sit_down(billed: Billed, seed: int, opened: ExitStack) -> tuple[Pianist, Score | None]:
    """Who plays, and from what.

    Raises:
        DataError: the score cannot be read.
        EngineError: the model cannot be played.
    """
    score = None if billed.cast.score is None else midi_file.read(Path(billed.cast.score))
    pianist = open_pianist(billed.loaded, seed=seed, device=billed.cast.device)
    opened.callback(pianist.close)
    return pianist, score


def _is_touch(model: str) -> bool:
    """Whether a file, or a bundled model, is one of touch; what is nowhere is left to others to refuse."""
    try:
        return bill.is_touch(str(find_model(model, Path(), "model")))
    except ConfigError:
        return False


def close_retired(keyboard: Keyboard) -> None:
    """Close the models that play no more; an errand."""
    for pianist in keyboard.retired():
        pianist.close()


def _receiver(targets: Opener, receiver: Output, opened: ExitStack) -> NoteTarget:
    made = targets.notes(receiver)
    opened.callback(made.sender.close)
    return made


def _tried(model: str, seed: int, device: str) -> Pianist:
    """A pianist of a file, or of a bundled model, that has struck keys unheard.

    Raises:
        EngineError: there is no such model, or it cannot be played.
    """
    path = find_model(model, Path(), "model")
    pianist = open_pianist(load(path), seed=seed, device=device)
    with ExitStack() as refused:
        refused.callback(pianist.close)
        for step in range(TRIED):
            pianist.press(step * STEP, MIDDLE_C + step % OCTAVE, DOWN)
            pianist.release(step * STEP, MIDDLE_C + step % OCTAVE)
        broken = pianist.counters.broken
        if broken:
            raise ModelError(str(path), f"{broken} of {TRIED} velocities that are no numbers", "numbers alone, unheard")
        pianist.restart()
        refused.pop_all()
    return pianist


def stand_alone(keys: Keys, desk: Desktop) -> Side:
    """What a show of keys alone is steered with."""
    recital = Recital(
        desk.board,
        keys.seat,
        load=keys.loading.want,
        model=keys.billed.cast.model,
        seed=desk.show.settings.seed,
        fps=desk.fps,
    )
    return Side(keys.seat, recital, Empty(), keys.loading, (partial(close_retired, keys.keyboard),))


def follow(bodies: Side, keys: Keys, desk: Desktop) -> Side:
    """What a show of both is steered with: what is done to the bodies, and after them to the keys."""
    loading = Sorted(
        bodies.loading,
        keys.loading,
        is_touch=_is_touch,
        commands=desk.commands,
        errands=desk.errands,
    )
    return Side(
        seats=Everybody(bodies.seats, keys.seat),
        scenes=Together(bodies.scenes, load=keys.loading.want, model=keys.billed.cast.model, models=desk.bill.touch),
        company=bodies.company,
        loading=loading,
        chores=(*bodies.chores, partial(close_retired, keys.keyboard)),
    )
