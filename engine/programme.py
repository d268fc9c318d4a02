"""What a show says of itself before it begins."""

from pathlib import Path

from engine.assemble import Assembled
from engine.schema.show import Output, Show
from engine.targets import receivers


def programme(show: Show, assembled: Assembled) -> list[str]:
    """What plays and where to, and to whom it is owed."""
    played, bodies = _acts(show, assembled)
    all_of_them = receivers(show, max(bodies, 1))
    lines = [f"{played}, to {', '.join(map(_receiver, all_of_them))}"]
    if bodies:
        silent = [each for each in all_of_them if min(each.performer, default=1) > bodies]
        lines += [f"{_receiver(each)} gets nothing yet" for each in silent]
    lines += dict.fromkeys(spec.credit for spec in assembled.specs if spec.credit)
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
    for spec, act in zip(assembled.specs, assembled.casts, strict=True):
        if spec.skeleton is None:
            words.append(f"{spec.name}: {'keys that come in' if act.score is None else Path(act.score).stem}")
        else:
            bodies = act.performers
            words.append(f"{spec.name}: {bodies} performer{'s' * (bodies > 1)}")
    return f"{'; '.join(words)} {rate}", bodies


def _receiver(receiver: Output) -> str:
    """A receiver, and which performers it gets where that is not all of them."""
    names = ", ".join(f"p{number}" for number in receiver.performer)
    return f"{receiver} ({names})" if names else str(receiver)
