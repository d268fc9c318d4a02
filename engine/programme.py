"""What a show says of itself before it begins."""

from pathlib import Path

from engine.assemble import Assembled
from engine.bill import Billed
from engine.fit import sent
from engine.schema.show import Output, Show
from engine.signs import Signs
from engine.targets import receivers


def programme(show: Show, assembled: Assembled) -> list[str]:
    """What plays and where to, and to whom it is owed."""
    played, bodies = _acts(show, assembled)
    all_of_them = receivers(show, max(bodies, 1))
    lines = [f"{played}, to {', '.join(map(_receiver, all_of_them))}"]
    if bodies:
        silent = [each for each in all_of_them if min(each.performer, default=1) > bodies]
        lines += [f"{_receiver(each)} gets nothing yet" for each in silent]
    lines += [] if assembled.pictures is None else assembled.pictures.screens.places
    lines += [] if assembled.signs is None else _gloves(show, assembled.signs)
    lines += dict.fromkeys(billed.loaded.spec.credit for billed in assembled.acts if billed.loaded.spec.credit)
    ways = [] if assembled.listener is None else [f"OSC at {', '.join(assembled.listener.sockets)}"]
    ways += [f"OSCQuery at port {show.settings.oscquery}"] if show.settings.oscquery else []
    ways += [f"MQTT by {show.mqtt.host}"] if show.mqtt else []
    ways += [f"MIDI from {', '.join(midi.port for midi in show.midi)}"] if show.midi else []
    lines.append(f"steered over {', '.join(ways) or 'nothing'}")
    return lines


def _acts(show: Show, assembled: Assembled) -> tuple[str, int]:
    """The acts in words, and how many bodies there are."""
    rate = f"at {assembled.fps:g} fps, seed {show.settings.seed}"
    words, bodies = [], 0
    for billed in assembled.acts:
        words.append(f"{billed.loaded.spec.name}: {_played(billed)}")
        if billed.part == "bodies":
            bodies = billed.cast.performers
    return f"{'; '.join(words)} {rate}", bodies


def _played(billed: Billed) -> str:
    """What an act plays."""
    act, size = billed.cast, billed.loaded.spec.image
    if billed.part == "keys":
        return "keys that come in" if act.score is None else Path(act.score).stem
    if billed.part == "signs":
        signs = f"{len(billed.loaded.spec.labels)} signs"
        return f"{signs} of samples that come in" if act.source is None else f"{signs} of {Path(act.source).name}"
    if size is not None:
        return f"pictures of {size.width} x {size.height}{'' if act.source is None else f' from {act.source}'}"
    return f"{act.performers} performer{'s' * (act.performers > 1)}"


def _gloves(show: Show, signs: Signs) -> list[str]:
    """Where samples are expected, unless they are recorded."""
    billed, root = signs.billed, show.settings.root
    if billed.cast.source is not None:
        return []
    rate = billed.cast.glove.rate or billed.loaded.spec.fps
    sample = f"{sent(billed)} numbers, {rate:g} times a second"
    return [f"samples are expected at {root}/in/glove: {sample}; {root}/in/glove/rest ends a sign"]


def _receiver(receiver: Output) -> str:
    """A receiver, and which performers it gets where that is not all of them."""
    names = ", ".join(f"p{number}" for number in receiver.performer)
    return f"{receiver} ({names})" if names else str(receiver)
