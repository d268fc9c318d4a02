"""Who remembers what: the engine's own parts play each model, and its state is kept after each step."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine import plugins
from engine.bundled import SCORES
from engine.contracts import Loaded
from engine.families import _touch
from engine.gestures.recording import Gesture
from engine.inference.open_model import open_model
from engine.midi import file as midi_file
from engine.open_act import make_act
from engine.schema.controls import Controls
from engine.schema.errors import DataError
from engine.schema.frame import F32
from engine.schema.model import Tensor
from engine.schema.note import Note
from export.data import piano
from export.data.clip import Clip
from export.data.gloves import gloves
from export.metrics import recordings

Progress = Callable[[str, float], None]
"""Told what is going on and which share of it is done, 0 to 1."""

PARTS = ("train", "validation", "test")

RUNS = (12, 2, 2)
"""Free runs for the three parts."""

PIECES = (40, 10, 10)
"""Pieces at most for the three parts: each is some thousand steps, and more teach a small encoder nothing."""

MINUTE = 60.0

SIDE_BY_SIDE = 16
"""Streams that are stepped together."""


class Run(NamedTuple):
    """What passes while a model remembers.

    Attributes:
        numbers: of the states that are kept.
        source: recordings that it is shown; empty: it goes on by itself, and a pianist plays the bundled scores.
        minutes: length of each free run.
        progress: hears how far it is.
    """

    numbers: tuple[int, ...] = ()
    source: str = ""
    minutes: float = 2.0
    progress: Progress = lambda _, __: None


class Memory(NamedTuple):
    """What was remembered in one stream, from its first step on.

    Attributes:
        name: of the recording or the run.
        part: `train`, `validation` or `test`.
        states: (T, H) float32 after each step.
        label: what the whole was, for a sign.
        session: in which it was recorded.
        right: whether the model recognised it, for a sign.
        seen: (T, ...) float32 what was there meanwhile: samples of a sign, joints (J, 3) of a dancer; None of others.
    """

    name: str
    part: str
    states: F32
    label: str = ""
    session: str = ""
    right: bool | None = None
    seen: F32 | None = None


class Stream(NamedTuple):
    """Inputs (T, F) that a model is shown, and what was there meanwhile."""

    name: str
    part: str
    x: F32
    seen: F32 | None = None


def danced(loaded: Loaded, run: Run) -> Sequence[Memory]:
    """Dances: free runs of the act side by side, or recordings that the model is shown."""
    return _shown(loaded, run, _clips(loaded, run.source)) if run.source else _free(loaded, run)


def played(loaded: Loaded, run: Run) -> Sequence[Memory]:
    """Scores, a step for each key, whose velocities are heard: what the pianist strikes is not fed back."""
    return _shown(loaded, run, _pieces(run.source) if run.source else _scores())


def drawn(loaded: Loaded, run: Run) -> Sequence[Memory]:
    """Free runs of latent numbers, one after the other; nothing is drawn."""
    found = []
    frames = round(run.minutes * MINUTE * loaded.spec.fps)
    for seed, part in enumerate(_parts(), 1):
        run.progress(f"free run {seed}", (seed - 1) / sum(RUNS))
        imagery = plugins.imagery(loaded.spec.family)(loaded, "cpu", seed)
        try:
            states = []
            for _ in range(frames):
                imagery.advance(Controls(), None)
                states.append(_row(imagery.state(), loaded.spec.state, run.numbers)[0])
        finally:
            imagery.close()
        found.append(Memory(f"seed {seed}", part, np.stack(states)))
    return found


def signed(loaded: Loaded, run: Run) -> Sequence[Memory]:
    """Signs, each from nothing, sample by sample."""
    recogniser = plugins.recogniser(loaded.spec.family)(loaded, "cpu")
    parts = gloves(run.source or str(loaded.spec.training.get("data", "")))
    total, found = sum(map(len, parts.values())), []
    try:
        for part, gestures in parts.items():
            for gesture in gestures:
                _check(gesture, loaded)
                recogniser.restart()
                states = np.empty((len(gesture.values), _width(loaded.spec.state, run.numbers)), np.float32)
                for step, values in enumerate(gesture.values):
                    recogniser.sample(values)
                    states[step] = _row(recogniser.state(), loaded.spec.state, run.numbers)[0]
                right = loaded.spec.labels[int(recogniser.probabilities.argmax())] == gesture.label
                names = gesture.label, gesture.session, right, gesture.values
                found.append(Memory(gesture.name, part, states, *names))
                run.progress("signs", len(found) / total)
    finally:
        recogniser.close()
    return found


def _free(loaded: Loaded, run: Run) -> Sequence[Memory]:
    """Free runs of an act, side by side, each with a seed of its own, as they are on stage."""
    rows, frames = sum(RUNS), round(run.minutes * MINUTE * loaded.spec.fps)
    model = open_model(loaded, rows)
    act = make_act(loaded, model, seed=1, rows=rows, performers=())
    try:
        for number in range(1, rows + 1):
            act.join(number, seed=number)
        states = np.empty((frames, rows, _width(loaded.spec.state, run.numbers)), np.float32)
        bodies = np.empty((frames, rows, len(act.skeleton.names), 3), np.float32)
        for frame in range(frames):
            bodies[frame] = act.tick().pose.positions
            states[frame] = _row(model.state(), loaded.spec.state, run.numbers)
            if frame % 100 == 0:
                run.progress("free runs", frame / frames)
    finally:
        act.close()
    return [
        Memory(f"seed {row + 1}", part, np.ascontiguousarray(states[:, row]), seen=np.ascontiguousarray(bodies[:, row]))
        for row, part in enumerate(_parts())
    ]


def _shown(loaded: Loaded, run: Run, streams: Sequence[Stream]) -> Sequence[Memory]:
    """What a model remembers of inputs, some streams side by side."""
    found: list[Memory] = []
    for first in range(0, len(streams), SIDE_BY_SIDE):
        run.progress("recordings", first / len(streams))
        group = streams[first : first + SIDE_BY_SIDE]
        states = _forced(loaded, [stream.x for stream in group], run.numbers)
        found += [
            Memory(stream.name, stream.part, own, seen=stream.seen) for stream, own in zip(group, states, strict=True)
        ]
    return found


def _forced(loaded: Loaded, inputs: Sequence[F32], numbers: tuple[int, ...]) -> list[F32]:
    """States (T, H) after each of the inputs (T, F) of every stream, stepped together from nothing."""
    longest, rows = max(map(len, inputs)), len(inputs)
    x = np.zeros((longest, rows, loaded.spec.features), np.float32)
    for row, own in enumerate(inputs):
        x[: len(own), row] = own
    model, one = open_model(loaded, rows), np.ones(rows, np.float32)
    states = np.empty((longest, rows, _width(loaded.spec.state, numbers)), np.float32)
    try:
        for step in range(longest):
            model.step(x[step], one * np.float32(0.5), one, one)
            states[step] = _row(model.state(), loaded.spec.state, numbers)
    finally:
        model.close()
    return [states[: len(own), row].copy() for row, own in enumerate(inputs)]


def _clips(loaded: Loaded, source: str) -> list[Stream]:
    """The clips of the model's training set and those that are held out, or a folder's in their place."""
    held = recordings.prepare(source, loaded, Path(source) if Path(source).exists() else None)
    family = plugins.family(loaded.spec.family)(loaded, 1)

    def stream(clip: Clip, part: str) -> Stream:
        return Stream(clip.name, part, family.features(clip.positions), clip.positions[1:])

    chosen = [PARTS[number % 10 == 9] for number in range(len(held.train))]
    return [
        *(stream(clip, part) for clip, part in zip(held.train, chosen, strict=True)),
        *(stream(clip, "test") for clip in held.held_out),
    ]


def _pieces(source: str) -> list[Stream]:
    """Some pieces of a set or a folder, spread over each part."""
    parts = piano.split(piano.load(source).pieces)
    found = []
    for part, pieces, most in zip(PARTS, parts, PIECES, strict=True):
        found += [_stream(one, part) for one in pieces[:: -(-len(pieces) // most) or 1]]
    return found


def _scores() -> list[Stream]:
    """The bundled scores, which nobody learned from."""
    found = []
    for path in sorted(SCORES.glob("*.mid")):
        events = midi_file.read(path).events
        struck = [timed.event.velocity for timed in events if isinstance(timed.event, Note) and timed.event.velocity]
        found.append(Stream(path.stem, "test", _touch.features(_touch.coded(events), np.array(struck, np.float32))))
    return found


def _stream(piece: piano.Piece, part: str) -> Stream:
    return Stream(piece.name, part, _touch.features(piece.events, piece.velocities))


def _check(gesture: Gesture, loaded: Loaded) -> None:
    measured, expected = gesture.values.shape[1], loaded.spec.features
    if measured != expected:
        raise DataError(gesture.name, f"{measured} channels", f"the {expected} of the model")


def _parts() -> list[str]:
    return [part for part, count in zip(PARTS, RUNS, strict=True) for _ in range(count)]


def _width(tensors: Sequence[Tensor], numbers: Sequence[int]) -> int:
    """H, numbers of a row."""
    return sum(int(np.prod([size for size in tensors[number].shape if size != -1])) for number in numbers)


def _row(states: Sequence[F32], tensors: Sequence[Tensor], numbers: Sequence[int]) -> F32:
    """(B, H) of the chosen states, each flattened behind its batch axis."""
    rows = [np.moveaxis(states[number], tensors[number].shape.index(-1), 0) for number in numbers]
    return np.concatenate([row.reshape(len(row), -1) for row in rows], axis=1)
