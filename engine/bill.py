"""What a show puts on: at most one act of bodies, one of keys, one of pictures and one that reads signs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from engine import plugins, source
from engine.contracts import Loaded
from engine.inference.vet import load
from engine.schema.controls import CONTROLS, Part, knobs
from engine.schema.errors import ConfigError, EngineError
from engine.schema.show import Act, Glove, Show

WORDS: Mapping[Part, str] = {
    "bodies": "bodies that dance",
    "keys": "the keys of a piano",
    "images": "pictures",
    "signs": "what gloves sign",
}


LONE: Mapping[Part, str] = {
    "keys": "there is one pianist",
    "images": "there is one picture",
    "signs": "there is one pair of gloves",
}
"""Why an act has no performers."""


class Billed(NamedTuple):
    """An act and its model.

    Attributes:
        place: of the act in the show file, for errors.
        cast: as it is written.
        loaded: its model, vetted.
        part: what it plays.
    """

    place: str
    cast: Act
    loaded: Loaded
    part: Part


class Bill(NamedTuple):
    """The acts of a show by what they play; at least one is there.

    Attributes:
        bodies: the act that dances.
        keys: the act that plays the piano.
        images: the act that makes pictures.
        signs: the act that reads signs.
        cued: models of cues, by what plays them.
    """

    bodies: Billed | None = None
    keys: Billed | None = None
    images: Billed | None = None
    signs: Billed | None = None
    cued: Mapping[str, Part] = {}

    @property
    def acts(self) -> Sequence[Billed]:
        """Those that are there."""
        return [billed for billed in (self.bodies, self.keys, self.images, self.signs) if billed is not None]

    @property
    def first(self) -> Billed:
        """The act whose rate and name are the show's, where nobody says otherwise."""
        return self.acts[0]

    @property
    def parts(self) -> tuple[Part, ...]:
        """What is played."""
        return tuple(billed.part for billed in self.acts)

    def models(self, part: Part) -> Sequence[str]:
        """Models of cues that this part plays."""
        return [model for model, played in self.cued.items() if played == part]


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
        found[part] = Billed(place, cast, loaded, part)
    cued = _cued(show, [part for part in WORDS if part in found])
    bill = Bill(found.get("bodies"), found.get("keys"), found.get("images"), found.get("signs"), cued)
    _check(show, bill)
    return bill


def _part(loaded: Loaded, model: str) -> Part:
    return plugins.part(loaded.spec.family, place=f"{model}: figurant.spec: family")


def _cued(show: Show, parts: Sequence[Part]) -> Mapping[str, Part]:
    """The models of cues; the first part has those, to refuse them, that nobody can play."""
    models = dict.fromkeys(cue.model for cue in show.cues if cue.model is not None)
    if len(parts) == 1:
        return dict.fromkeys(models, parts[0])
    own = {model: part_of(model) for model in models}
    return {model: parts[0] if part is None or part not in parts else part for model, part in own.items()}


def part_of(model: str) -> Part | None:
    """What a file plays; None where it cannot be read."""
    try:
        return _part(load(model), model)
    except EngineError:
        return None


def _check(show: Show, bill: Bill) -> None:
    """Refuse what the acts together do not allow: keys that nobody plays, several pianists, a pace of their own.

    Raises:
        ConfigError: it names the first key.
    """
    if show.screens not in ((), Show().screens) and bill.images is None:
        raise ConfigError("screens", str(show.screens[0]), f"none: no act of this show plays {WORDS['images']}")
    for billed in bill.acts:
        if billed.cast.score is not None and billed is not bill.keys:
            expected, hint = f"none: the act plays {WORDS[billed.part]}", "a model of keys plays it, such as 'piano'"
            raise ConfigError(f"{billed.place}.score", billed.cast.score, expected, hint)
        looped, played = ("source", "recorded gloves") if billed is bill.signs else ("score", "a score")
        if billed.cast.loop and getattr(billed.cast, looped) is None:
            raise ConfigError(f"{billed.place}.loop", "true", f"{played} to begin again")
        if billed.cast.glove != Glove() and billed is not bill.signs:
            raise ConfigError(f"{billed.place}.glove", "a table", f"none: the act plays {WORDS[billed.part]}")
        why = LONE.get(billed.part)
        if why is not None and (billed.cast.performers != 1 or billed.cast.performer):
            raise ConfigError(f"{billed.place}.performers", str(billed.cast.performers), f"1: {why}")
        _check_source(billed, bill)
    for number, midi in enumerate(show.midi):
        if midi.keys and bill.keys is None:
            raise ConfigError(f"midi[{number}].keys", "true", f"false: no act of this show plays {WORDS['keys']}")
    for billed in bill.acts[1:]:
        _check_shared(billed, bill.first)


def _check_source(billed: Billed, bill: Bill) -> None:
    """Refuse what nobody looks at, bodies that nobody dances, and gloves that are none."""
    text, place = billed.cast.source, f"{billed.place}.source"
    if text is None:
        return
    if billed is not bill.images and billed is not bill.signs:
        raise ConfigError(place, text, f"none: the act plays {WORDS[billed.part]}")
    if billed is bill.signs:
        if not Path(text).exists():
            raise ConfigError(place, text, "recorded gloves, a file or a folder that is there, without options")
        return
    if isinstance(source.parse(text, Path(), place), source.Bodies) and bill.bodies is None:
        raise ConfigError(place, text, "an act of bodies beside it")


def _check_shared(billed: Billed, first: Billed) -> None:
    """Refuse an act what belongs to the whole show, and is written in the first one."""
    shared = knobs(billed.cast.controls)
    for control in CONTROLS:
        if control.scope == "act" and shared[control.name] != control.default:
            place = f"{billed.place}.controls.{control.name}"
            raise ConfigError(place, f"{shared[control.name]:g}", f"it in {first.place}: the acts share it")
