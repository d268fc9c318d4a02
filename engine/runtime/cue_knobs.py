"""The knobs that a cue names: set along its curve, or all at once where it begins anew."""

from collections.abc import Mapping, Sequence

from engine.controls.board import ACT, F64, Board
from engine.schema.show import Cue, Performer, own

GOING = {"run": 1.0, "hold": 0.0}
"""What every cue sets unless it names them: whoever calls one wants to see it, whatever was before."""

SLOWLY = ("blend", "run")
"""Knobs of a new beginning that do not jump: they act on the picture, whatever stream it comes from."""

STAYING = ("record",)
"""Knobs that stay where they are when a show begins anew, unless the cue names them: a recording goes on."""


def fade(board: Board, cue: Cue, fps: float) -> Sequence[str]:
    """Have the knobs that a cue names get there in its time; gives their names."""
    frames = round(cue.transition * fps)
    going = [(ACT, name, value) for name, value in GOING.items() if board.target(name) != value]
    wanted = (*going, *_named(cue))
    for number, name, value in wanted:
        board.fade(name, value, number, frames, cue.curve)
    return [name for _, name, _ in wanted]


def draft(board: Board, cue: Cue) -> Board:
    """A board that stands as a new beginning has it: as the show was written, but for what the cue names."""
    made = board.draft()
    for number, name, value in (*((ACT, name, value) for name, value in GOING.items()), *_named(cue)):
        made.set(name, value, number, at_once=True)
    return made


def begin(board: Board, targets: F64, cue: Cue, fps: float) -> None:
    """Have everything stand at the targets of a draft, but for what goes there slowly, or stays."""
    staying = [name for name in STAYING if name not in cue.controls]
    board.adopt(targets, SLOWLY, round(cue.transition * fps), cue.curve, keep=staying)


def _named(cue: Cue) -> Sequence[tuple[int, str, float]]:
    """What a cue names: whose, which knob, and its value; the pianist's and the pictures' own after the show's."""
    rows = [(*own(name), value) for name, value in cue.controls.items()]
    return [
        *sorted(rows, key=lambda each: each[0]),
        *((each.number, name, value) for each in cue.performer for name, value in _special(each).items()),
    ]


def _special(performer: Performer) -> Mapping[str, float]:
    place = {"x": performer.x, "z": performer.z, "heading": performer.heading, "seed": performer.seed}
    return {name: value for name, value in place.items() if value is not None} | performer.controls
