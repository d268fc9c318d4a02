"""MQTT's side of the tree: what a topic and its payload ask for, and how a value is told there.

`<base>/<node>/set/<param>` and `/cmd/<verb>` come in; `/status`, `/info`, `/state/<param>`, `/event/<what>` and
`/telemetry` go out.
"""

import re

import msgspec

from engine.controls.tree import Tree
from engine.schema.show import Mqtt
from engine.wire.decode import Message, Value

MAX_PAYLOAD = 4096
"""Bytes; a name of a cue or of a file fits many times."""

MAX_INT = 2**63
"""No integer of OSC is beyond."""

NOT_HERE = ("ping", "subscribe")
"""Verbs whose answer goes to a UDP port, which a client of a broker has not."""

_SINGLE = int | float | bool | str
_JSON: msgspec.json.Decoder[_SINGLE | list[_SINGLE]] = msgspec.json.Decoder(_SINGLE | list[_SINGLE])
# Of many digits, one way alone to share them out: where there are more, the longest payload takes 0.3 s to refuse.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_WORDS = re.compile(r"[\w./: -]+")


class Topics:
    """The topics of one engine.

    Attributes:
        base: begins all of them.
        heard: those that are subscribed to.
    """

    def __init__(self, settings: Mqtt) -> None:
        self.base = f"{settings.base}/{settings.node}"
        self.status = f"{self.base}/status"
        self.info = f"{self.base}/info"
        self.telemetry = f"{self.base}/telemetry"
        self.heard = (f"{self.base}/set/#", f"{self.base}/cmd/#")

    def state(self, name: str) -> str:
        """Where the value of a parameter is told."""
        return f"{self.base}/state/{name}"

    def event(self, tree: Tree, address: str) -> str:
        """Where it is told, and not kept by the broker, that something happened: `.../event/sign/label`."""
        return f"{self.base}/event/{address.removeprefix(tree.root).strip('/')}"

    def read(self, tree: Tree, topic: str, payload: bytes) -> Message:
        """What a message asks for.

        Raises:
            ValueError: nothing that there is, or the payload is too long or no value.
        """
        if len(payload) > MAX_PAYLOAD:
            raise ValueError(f"{len(payload)} bytes; expected at most {MAX_PAYLOAD}")
        ours, _, rest = topic.partition(f"{self.base}/")
        what, _, name = rest.partition("/") if not ours else ("", "", "")
        parameter, verb = tree.parameter(name), tree.verb(name)
        if what == "set" and parameter is not None:
            return Message(parameter.path, value(payload))
        if what == "cmd" and verb is not None and name not in NOT_HERE:
            return Message(verb.path, words(payload))
        raise ValueError(f"{topic}: no such topic")


def value(payload: bytes) -> tuple[Value, ...]:
    """The value of a parameter: JSON (a number, a bool, a string, a list of these), or a number as people write it.

    Raises:
        ValueError: it is none, or not finite.
    """
    text = payload.decode().strip()
    if _NUMBER.fullmatch(text):
        text = repr(float(text)) if "." in text or "e" in text.lower() else str(int(text))
    found = _JSON.decode(text)
    several = found if isinstance(found, list) else [found]
    if not several or any(isinstance(each, int) and abs(each) >= MAX_INT for each in several):
        raise ValueError(f"{text[:40]}; expected values within 63 bits")
    return tuple(several)


def words(payload: bytes) -> tuple[Value, ...]:
    """The arguments of a verb: none, those of `value`, or a bare name such as that of a cue.

    Raises:
        ValueError: it is none of these.
    """
    text = payload.decode().strip()
    if not text:
        return ()
    try:
        return value(payload)
    except ValueError:
        if _WORDS.fullmatch(text) is None or _NUMBER.fullmatch(text):
            raise
        return (text,)


def told(arguments: tuple[Value, ...]) -> bytes:
    """A value as JSON, bare or a list where there are more; floats by the digits that OSC keeps of them."""
    short = [float(f"{each:.7g}") if isinstance(each, float) else each for each in arguments]
    return msgspec.json.encode(short[0] if len(short) == 1 else short)
