"""Who plays the piano in a show: the pianist, the keyboard and its hands, and what steers them."""

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

from engine.bill import Billed
from engine.bundled import find_model
from engine.controls.letter import Inbox
from engine.controls.osc import Listener
from engine.inference.vet import load
from engine.midi import file as midi_file
from engine.open_pianist import open_pianist
from engine.pianist import Pianist
from engine.runtime.bell import Bell
from engine.runtime.hands import Hands
from engine.runtime.keyboard import Keyboard
from engine.runtime.note_target import NoteTarget
from engine.runtime.strings import Witness
from engine.schema.errors import ModelError
from engine.schema.note import DOWN, Score
from engine.schema.show import Act, Output
from engine.side import Beside, Desktop, make_beside
from engine.targets import Opener

TRIED = 100
"""Keys that a model strikes unheard before it may be heard."""

STEP = 100_000_000
"""Nanoseconds between two of them."""

MIDDLE_C, OCTAVE = 60, 12


class Keys(NamedTuple):
    """Who plays the piano.

    Attributes:
        keyboard: what is played on.
        hands: the thread that plays.
        heard: what the listener hears of other things.
        beside: what the pianist gives to the steering.
    """

    keyboard: Keyboard
    hands: Hands
    heard: Inbox
    beside: Beside

    @property
    def model(self) -> str:
        """Name of the model that plays."""
        return self.keyboard.pianist.spec.name

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
    beside = make_beside(
        billed,
        desk,
        keyboard,
        make=lambda model, seed: _tried(model, seed, billed.cast),
        chores=(partial(close_retired, keyboard),),
    )
    return Keys(keyboard, hands, heard, beside)


def sit_down(billed: Billed, seed: int, opened: ExitStack) -> tuple[Pianist, Score | None]:
    """Who plays, and from what.

    Raises:
        DataError: the score cannot be read.
        EngineError: the model cannot be played.
    """
    score = None if billed.cast.score is None else midi_file.read(Path(billed.cast.score))
    pianist = open_pianist(billed.loaded, seed=seed, device=billed.cast.device, view=billed.cast.path)
    opened.callback(pianist.close)
    return pianist, score


def close_retired(keyboard: Keyboard) -> None:
    """Close the models that play no more; an errand."""
    for pianist in keyboard.retired():
        pianist.close()


def _receiver(targets: Opener, receiver: Output, opened: ExitStack) -> NoteTarget:
    made = targets.notes(receiver)
    opened.callback(made.sender.close)
    return made


def _tried(model: str, seed: int, cast: Act) -> Pianist:
    """A pianist of a file, or of a bundled model, that has struck keys unheard.

    Raises:
        EngineError: there is no such model, or it cannot be played.
    """
    path = find_model(model, Path(), "model")
    pianist = open_pianist(load(path), seed=seed, device=cast.device, view=cast.path)
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
