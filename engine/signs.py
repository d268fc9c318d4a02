"""Who reads the signs of a show: the act, where its samples come from, the cues that signs call, what steers it."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

from engine.bill import Billed
from engine.bundled import find_model
from engine.controls.gloves import read_sample
from engine.controls.letter import Inbox, Source
from engine.fit import sent
from engine.gestures.open_recording import read as read_recording
from engine.gestures.playback import Playback
from engine.inference.vet import load
from engine.open_signs import open_signs
from engine.runtime.gloves import Gloves, Recorded
from engine.runtime.reading import Reading, steps
from engine.runtime.requests import Call, Verb, pressed
from engine.schema.controls import Controls
from engine.schema.errors import ConfigError, ModelError
from engine.schema.kinds import MOST_RATE
from engine.schema.model import ModelSpec
from engine.side import Beside, Desktop, make_beside
from engine.sign_act import SignAct
from engine.wire.decode import Message, Value

TRIED = 100
"""Samples that a model hears before it may be asked in a show."""

BY_SIGN = Source("sign", trusted=True)
"""Who calls the cues of signs."""


class Signs(NamedTuple):
    """Who reads signs.

    Attributes:
        billed: the act.
        reading: reads.
        called: the cues that signs call, as letters for the steering.
        verbs: what gloves say; none where they are recorded.
        beside: what it gives to the steering.
    """

    billed: Billed
    reading: Reading
    called: Inbox
    verbs: Mapping[str, Verb]
    beside: Beside

    @property
    def provider(self) -> str:
        """What the model runs on."""
        return self.reading.act.provider

    @property
    def model(self) -> str:
        """Name of the model that plays."""
        return self.reading.act.spec.name


def open_gloves(billed: Billed, desk: Desktop, opened: ExitStack) -> Signs:
    """Who reads the signs of a show.

    Args:
        billed: the act.
        desk: what everything that steers needs.
        opened: closes what is opened here.

    Raises:
        DataError: recorded gloves cannot be read.
        EngineError: the model cannot be played, or not with these gloves.
    """
    settings, called = desk.show.settings, Inbox()
    played = _played(billed)
    act = open_signs(billed.loaded, device=billed.cast.device, view=billed.cast.path)
    opened.callback(act.close)
    gloves = _gloves(billed, desk)
    reading = Reading(
        act,
        gloves if played is None else Recorded(played),
        name=billed.cast.name,
        glove=billed.cast.glove,
        root=settings.root,
        fps=desk.fps,
        outlet=desk.outlet,
        called=partial(_call, _cues(desk), called, f"{settings.root}/cue/go"),
    )
    opened.callback(reading.close)
    beside = make_beside(
        billed,
        desk,
        reading,
        make=lambda model, _seed: _next(model, billed, desk),
        chores=(partial(close_retired, reading),),
    )
    return Signs(billed, reading, called, _verbs(gloves, sent(billed)) if played is None else {}, beside)


def check_gloves(billed: Billed) -> None:
    """Open the act and its recording, and close both again.

    Raises:
        EngineError: as for `open_gloves`.
    """
    _played(billed)
    open_signs(billed.loaded, device=billed.cast.device, view=billed.cast.path).close()


def close_retired(reading: Reading) -> None:
    """Close the acts that play no more; an errand."""
    for act in reading.retired():
        act.close()


def _played(billed: Billed) -> Playback | None:
    """What is recorded, if anything.

    Raises:
        ConfigError: it is not of these channels.
        DataError: it cannot be read.
    """
    cast = billed.cast
    if cast.source is None:
        return None
    recording = read_recording(Path(cast.source), rate=cast.glove.rate)
    if len(recording.channels) != sent(billed):
        found = f"{len(recording.channels)} channels in {cast.source}"
        hint = "channels of its glove table says which of the model's they are"
        raise ConfigError(f"{billed.place}.source", found, str(sent(billed)), hint)
    return Playback(recording, loop=cast.loop)


def _gloves(billed: Billed, desk: Desktop) -> Gloves:
    spec, rate = billed.loaded.spec, billed.cast.glove.rate
    said = f"the model has learnt with {spec.fps:g}" if rate is None else f"the show says {rate:g}"
    place = f"[{billed.place.partition('[')[0]}.glove]"

    def refused(measured: float) -> None:
        sensible = measured <= MOST_RATE
        then = f"write rate = {measured:.0f} in {place}" if sensible else "what is too many is left out"
        line = f"gloves send {measured:.0f} samples a second, {said}: {then}"
        desk.errands.add(partial(desk.say, line))

    own = spec.fps if rate is None else rate
    most = max(int(steps(spec.fps, desk.fps) * own / spec.fps), 1)
    return Gloves(own, most=most, refused=refused)


def _cues(desk: Desktop) -> Mapping[str, str]:
    """The cue that each sign calls."""
    return {cue.sign: cue.name for cue in desk.show.cues if cue.sign is not None}


def _call(cues: Mapping[str, str], called: Inbox, go: str, word: str) -> None:
    """Call the cue of a sign, as somebody would who presses GO."""
    if word in cues:
        called.put(Message(go, (cues[word],)), BY_SIGN)


def _verbs(gloves: Gloves, count: int) -> Mapping[str, Verb]:
    def read(arguments: Sequence[Value], _source: Source) -> Call:
        try:
            return partial(gloves.hear, read_sample(arguments, count))
        except ValueError:
            gloves.refuse()
            raise

    return {"glove": read, "glove_rest": pressed(gloves.rest)}


def _next(model: str, billed: Billed, desk: Desktop) -> SignAct:
    """An act that is to take over; says which cues it calls no more. Errors as for `_tried`."""
    act = _tried(model, billed)
    known = set(act.spec.labels)
    silent = [f"{name} ({sign})" for sign, name in _cues(desk).items() if sign not in known]
    if silent:
        desk.say(f"{act.spec.name} does not know the signs of these cues, which only GO calls now: {', '.join(silent)}")
    return act


def _tried(model: str, billed: Billed) -> SignAct:
    """An act of a file, or of a bundled model, that has heard samples.

    Raises:
        EngineError: there is no such model, it cannot be played, or not in the place of this one.
    """
    path = find_model(model, Path(), "model")
    act = open_signs(load(path), device=billed.cast.device, view=billed.cast.path)
    with ExitStack() as refused:
        refused.callback(act.close)
        _check_channels(act.spec, billed.loaded.spec, str(path))
        for step in range(TRIED):
            act.sample(act.mean + act.mean.dtype.type(step % 2), Controls())
        unsound = act.counters.unsound
        if unsound:
            raise ModelError(str(path), f"{unsound} of {TRIED} samples that give no numbers", "numbers alone, unheard")
        act.restart()
        refused.pop_all()
    return act


def _check_channels(found: ModelSpec, wanted: ModelSpec, place: str) -> None:
    """Refuse a model that takes other samples than those that come.

    Raises:
        ModelError: its channels are others.
    """
    if found.channels != wanted.channels:
        pairs = zip(found.channels, wanted.channels, strict=False)
        one, other = next((pair for pair in pairs if pair[0] != pair[1]), (len(found.channels), len(wanted.channels)))
        raise ModelError(place, f"channels of which one is {one}", f"those of {wanted.name}, where it is {other}")
