"""One model reading signs, from samples to labels; pure but for what it keeps."""

from typing import NamedTuple

import numpy as np

from engine.families._arrays import setting
from engine.gestures.onset import Onset, Phase, Thresholds, samples
from engine.guard import finite
from engine.path import PathEncoder
from engine.recognition import Recogniser
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32, Label
from engine.schema.model import ModelSpec

LEAD = 0.05
"""Seconds before a movement is noticed that the model hears as well, as the sign has begun by then."""

SETTLING = 0.1
"""Seconds into the stillness at the end of a sign in which the model is still listened to."""

STAYING = 0.1
"""Seconds that a sign must stay likely to be told early."""


class SignCounters(NamedTuple):
    """What happened so far in an act that reads signs.

    Attributes:
        samples: that were heard.
        signs: that were told.
        unsure: that were not told, as the model was less certain than was asked.
        unsound: samples that are no finite numbers, or of which the model makes none.
    """

    samples: int = 0
    signs: int = 0
    unsure: int = 0
    unsound: int = 0


class SignAct:
    """Reads signs sample by sample.

    With the movement that begins a sign the model begins anew, so what it says of a sign depends on nothing before it.
    Between signs it is not stepped: probabilities and path stay as they were at the end of the last one.

    Args:
        recogniser: the model, just made; `close` closes it.
        path: where its memory is on its map; None: that is not asked for.

    Attributes:
        spec: of the model.
        mean: (F,) what a channel is that nobody measures.
        path: (D,) where the memory is, a view; None without an encoder.

    Raises:
        ModelError: settings are missing, or contradict each other.
    """

    def __init__(self, recogniser: Recogniser, *, path: PathEncoder | None = None) -> None:
        spec = self.spec = recogniser.spec
        self.mean = recogniser.mean
        self._recogniser, self._encoder = recogniser, path
        self._onset = Onset(recogniser.motion, recogniser.scale, spec.fps, read_thresholds(spec))
        self._lead: F32 = np.zeros((samples(LEAD, spec.fps), spec.features), np.float32)
        self._settling, self._staying = samples(SETTLING, spec.fps), samples(STAYING, spec.fps)
        self._decided: F32 = np.zeros(len(spec.labels), np.float32)
        self._number = np.zeros((), np.intp)
        self._counts = dict.fromkeys(SignCounters._fields, 0)
        self.path: F32 | None = None
        self._rehearse()

    @property
    def provider(self) -> str:
        """What the model runs on."""
        return self._recogniser.provider

    @property
    def counters(self) -> SignCounters:
        """What happened up to now, `restart` or not."""
        return SignCounters(**self._counts)

    @property
    def probabilities(self) -> F32:
        """(C,) how likely each sign is; all the same before the first one. A view."""
        return self._recogniser.probabilities

    @property
    def signing(self) -> bool:
        """Whether a sign goes on."""
        return self._onset.signing

    def sample(self, values: F32, controls: Controls) -> Label | None:
        """Take a sample (F,) float32, in the units of the training; give the sign that is recognised with it.

        A sign is told once: at its end, or as soon as it stays likely enough for `controls.early`. One that is less
        likely than `controls.certainty` is not told.

        Raises:
            ValueError: the sample has another size.
        """
        if values.shape != self.mean.shape:
            raise ValueError(f"a sample {values.shape} for a model of {self.mean.shape}")
        self._counts["samples"] += 1
        newest = self._lead[self._heard % len(self._lead)]
        np.copyto(newest, values)
        if not finite(newest):
            self._counts["unsound"] += 1
            return None
        self._heard += 1
        match self._onset.sample(newest):
            case Phase.BEGAN:
                self._begin()
            case Phase.SIGNING:
                self._step(newest)
                return self._early(controls)
            case Phase.ENDED:
                return self._end(controls)
            case Phase.ANOTHER:
                label = self._end(controls)
                self._begin()
                return label
        return None

    def rest(self, controls: Controls) -> Label | None:
        """Nobody sends any more, or said so: the sign is over. Gives it as `sample` does; harmless where none is."""
        return self._end(controls) if self._onset.rest() is Phase.ENDED else None

    def forget(self) -> None:
        """Forget the sign that goes on, untold; probabilities and path stay as they are."""
        self._onset.restart()
        self._heard, self._told = 0, False
        self._likeliest = self._stayed = 0

    def restart(self) -> None:
        """Begin anew, as an act that was just made."""
        self._recogniser.restart()
        self.forget()
        self._follow()

    def close(self) -> None:
        """Close the model; harmless twice."""
        self._recogniser.close()

    def _begin(self) -> None:
        """Begin with a sign: let the model hear the newest samples, as far as they belong to its movement."""
        self._recogniser.restart()
        self._told, self._likeliest, self._stayed = False, 0, 0
        rows = len(self._lead)
        for back in range(min(rows, self._onset.known, self._heard), 0, -1):
            self._step(self._lead[(self._heard - back) % rows])

    def _step(self, values: F32) -> None:
        """Let the model hear a sample of a sign; remember what it says until hands have settled."""
        if not self._recogniser.sample(values):
            self._counts["unsound"] += 1
        if self._onset.stillness <= self._settling:
            np.copyto(self._decided, self._recogniser.probabilities)
        self._follow()

    def _follow(self) -> None:
        """Bring the path up to date."""
        if self._encoder is not None:
            self.path = self._encoder.place(self._recogniser.hidden(self._encoder.numbers))[0]

    def _early(self, controls: Controls) -> Label | None:
        """The sign that goes on, as soon as it has stayed likely enough."""
        if self._told or controls.early >= 1.0:
            return None
        number, certainty = self._best(self._recogniser.probabilities)
        likely = certainty > max(controls.early, controls.certainty)
        self._stayed = 0 if not likely else self._stayed + 1 if number == self._likeliest else 1
        self._likeliest = number
        if self._stayed < self._staying:
            return None
        return self._tell(number, certainty)

    def _end(self, controls: Controls) -> Label | None:
        """The sign that is over, unless it was told."""
        if self._told:
            return None
        number, certainty = self._best(self._decided)
        if certainty < controls.certainty:
            self._counts["unsure"] += 1
            return None
        return self._tell(number, certainty)

    def _best(self, probabilities: F32) -> tuple[int, float]:
        """The likeliest sign, and how likely it is; without an array, as it is asked for on the tick path."""
        number = int(probabilities.argmax(out=self._number))
        return number, float(probabilities[number])

    def _tell(self, number: int, certainty: float) -> Label:
        self._told = True
        self._counts["signs"] += 1
        return Label(self.spec.labels[number], certainty, number)

    def _rehearse(self) -> None:
        """Go every way once, as the first time takes long, and forget it."""
        self.restart()
        self.sample(self.mean, Controls())
        self._begin()
        self._early(Controls(early=0.0))
        self._end(Controls())
        self._counts = dict.fromkeys(self._counts, 0)
        self.restart()


def read_thresholds(spec: ModelSpec) -> Thresholds:
    """What the settings of a model say of where signs begin and end.

    Raises:
        ModelError: one of them is missing or negative, or a sign would be over as it begins.
    """
    speed, seconds = "scales per second, 0 or more", "seconds, 0 or more"
    found = Thresholds(
        start_speed=setting(spec, "start_speed", speed),
        stop_speed=setting(spec, "stop_speed", speed),
        still=setting(spec, "still", seconds, high=10.0),
        shortest=setting(spec, "shortest", seconds, high=10.0),
        jump=setting(spec, "jump", "scales, 0 or more"),
    )
    if found.stop_speed > found.start_speed:
        place, limit = "figurant.spec: settings.stop_speed", f"{found.start_speed:g}, the start_speed, at most"
        raise ModelError(place, f"{found.stop_speed:g}", limit)
    return found
