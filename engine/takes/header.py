"""The description of a take as JSON, and the options of its receivers and screens, whose types only these know."""

from typing import Any, TypeVar, cast

import msgspec

from engine.inference.proto import Malformed
from engine.schema.show import Options, Output, Screen
from engine.takes.values import FORMAT, Header

Kind = TypeVar("Kind", Output, Screen)

FASTEST = 1000
"""Frames per second, as a show has them at most."""


class _Version(msgspec.Struct, frozen=True):
    """What any version of a header has."""

    format: int


class OtherVersionError(Exception):
    """The header is of a version that this engine does not know."""


def encode(header: Header) -> bytes:
    """The bytes of a header; without the password of a broker, as takes are given away."""
    show = header.show
    if show.mqtt is not None:
        show = msgspec.structs.replace(show, mqtt=msgspec.structs.replace(show.mqtt, password=None))
    return msgspec.json.encode(msgspec.structs.replace(header, show=show))


def decode(data: bytes) -> Header:
    """The header of the bytes; options of receivers are structs that are made of what stands there.

    Raises:
        OtherVersionError: another version of the engine made it.
        Malformed: it is none.
    """
    try:
        version = msgspec.json.decode(data, type=_Version).format
        if version != FORMAT:
            raise OtherVersionError(str(version))
        tree: dict[str, Any] = msgspec.json.decode(data)
        outputs, screens = tree["show"].pop("outputs", []), tree["show"].pop("screens", [])
        header = msgspec.convert(tree, Header)
        show = msgspec.structs.replace(
            header.show,
            outputs=tuple(_written(each, Output) for each in outputs),
            screens=tuple(_written(each, Screen) for each in screens),
        )
    except (msgspec.MsgspecError, LookupError, AttributeError, TypeError, RecursionError) as error:
        raise Malformed(f"a description that is none: {error}") from error
    if not (0 < header.fps <= FASTEST and 0 <= header.started < 2**62 and 0 <= header.first < 2**32):
        raise Malformed(f"a description that is none: {header.fps} fps, from {header.started} on")
    return msgspec.structs.replace(header, show=show)


def _written(tree: dict[str, Any], kind: type[Kind]) -> Kind:
    options = tree.pop("options", None)
    if tree.get("port") == 0:  # what has a name and no port; nobody may write that
        del tree["port"]
    return msgspec.structs.replace(msgspec.convert(tree, kind), options=_options(options))


def _options(tree: dict[str, Any] | None) -> Options | None:
    if tree is None:
        return None
    fields = [(name, object) for name in tree]
    made = msgspec.defstruct("Recorded", fields, bases=(Options,), frozen=True, kw_only=True)
    return msgspec.convert(tree, cast("type[Options]", made))
