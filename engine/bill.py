"""What a show puts on: at most one act of bodies and one of keys."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from engine import plugins
from engine.contracts import Loaded
from engine.inference.vet import load
from engine.schema.controls import CONTROLS, Part, knobs
from engine.schema.errors import ConfigError, EngineError
from engine.schema.show import Act, Show

WORDS = {"bodies": "bodies that dance", "keys": "the keys of a piano"}


class Billed(NamedTuple):
    """An act and its model.

    Attributes:
        place: of the act in the show file, for errors.
        cast: as it is written.
        loaded: its model, vetted.
    """

    place: str
    cast: Act
    loaded: Loaded


class Bill(NamedTuple):
    """The acts of a show by what they play; at least one is there.

    Attributes:
        bodies: the act that dances.
        keys: the act that plays the piano.
        touch: models of cues that are for the pianist.
    """

    bodies: Billed | None = None
    keys: Billed | None = None
    touch: frozenset[str] = frozenset()

    @property
    def acts(self) -> Sequence[Billed]:
        """Those that are there."""
        return [billed for billed in (self.bodies, self.keys) if billed is not None]

    @property
    def first(self) -> Billed:
        """The act whose rate and name are the show's, where nobody says otherwise."""
        return self.acts[0]

    @property
    def parts(self) -> tuple[Part, ...]:
        """What is played."""
        return (*(("bodies",) if self.bodies else ()), *(("keys",) if self.keys else ()))


def read(show: Show) -> Bill:
    """Load the models of a show.

    Raises:
        ConfigError: two acts play the same; there is no such family; what is asked of an act is not its business.
        ModelError: a model cannot be played.
    """
    found: dict[Part, Billed] = {}
    for number, cast in enumerate(show.acts):
        place = "act" if len(show.acts) == 1 else f"acts[{number}]"
        loaded = load(cast.model)
        part = _part(loaded, cast.model)
        if part in found:
            raise ConfigError(f"{place}.model", f"another act of {WORDS[part]}", "one of each kind to a show")
        found[part] = Billed(place, cast, loaded)
    bill = Bill(found.get("bodies"), found.get("keys"), _touch(show, found))
    _check(show, bill)
    return bill


def _part(loaded: Loaded, model: str) -> Part:
    return plugins.part(loaded.spec.family, place=f"{model}: figurant.spec: family")


def _touch(show: Show, acts: Collection[Part]) -> frozenset[str]:
    """The models of cues that are for the pianist; beside dancers, none that cannot be played."""
    models = {cue.model for cue in show.cues if cue.model is not None}
    if len(acts) == 1:
        return frozenset(models if "keys" in acts else ())
    return frozenset(filter(is_touch, models))


def is_touch(model: str) -> bool:
    """Whether a file holds a model of touch; not where it cannot be read."""
    try:
        return _part(load(model), model) == "keys"
    except EngineError:
        return False


def _check(show: Show, bill: Bill) -> None:
    """Refuse what the acts together do not allow: keys that nobody plays, several pianists, a pace of their own.

    Raises:
        ConfigError: it names the first key.
    """
    if bill.bodies is not None and bill.bodies.cast.score is not None:
        expected, hint = f"none: the act plays {WORDS['bodies']}", "a model of keys plays it, such as 'piano'"
        raise ConfigError(f"{bill.bodies.place}.score", bill.bodies.cast.score, expected, hint)
    for billed in bill.acts:
        if billed.cast.loop and billed.cast.score is None:
            raise ConfigError(f"{billed.place}.loop", "true", "a score that begins again")
    for number, midi in enumerate(show.midi):
        if midi.keys and bill.keys is None:
            raise ConfigError(f"midi[{number}].keys", "true", f"false: no act of this show plays {WORDS['keys']}")
    if bill.keys is not None and (bill.keys.cast.performers != 1 or bill.keys.cast.performer):
        raise ConfigError(f"{bill.keys.place}.performers", str(bill.keys.cast.performers), "1: there is one pianist")
    if bill.keys is not None and bill.bodies is not None:
        shared = knobs(bill.keys.cast.controls)
        for control in CONTROLS:
            if control.scope == "act" and shared[control.name] != control.default:
                place = f"{bill.keys.place}.controls.{control.name}"
                raise ConfigError(place, f"{shared[control.name]:g}", f"it in {bill.bodies.place}: both acts share it")
