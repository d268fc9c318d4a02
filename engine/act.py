"""One model playing performers that come and go, from controls to a frame; pure but for what it keeps."""

from collections.abc import Iterable, Sequence

import numpy as np

from engine.contracts import Counters, Family, StepModel
from engine.guard import Flags, Freeze, Guard, limits, mend, uneventful
from engine.kept import Kept
from engine.motion.places import Places
from engine.path import PathEncoder, Trail
from engine.priming import Moment, Primes, Recall
from engine.schema.controls import Controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32, Frame, Quality
from engine.schema.show import Place
from engine.schema.skeleton import Skeleton
from engine.troupe import Troupe

BLEND = 0.5
"""Seconds in which a performer goes over to a stored pose: a metre's reach then stays below 4 m/s."""

MIDDLE = Place()
PLAIN = Controls()


class Act:
    """Plays a model. The same seeds, primes and controls, in the same frames, give the same bytes.

    A performer's number, from 1 on, says which row of the model's batch is its own. So a number and a seed stand for a
    dance, whoever else plays; where ONNX Runtime steps the model the last bits differ, as it rounds sums otherwise in
    other batches.
    One thread does everything but `reserve` and `recall`.

    Args:
        model: stepped once per tick; its batch holds those who play at the start. `close` closes it.
        family: what its numbers mean, for as many performers as may ever play.
        seed: of the noise and of the choice among the primes, for performers that have none of their own.
        primes: moments to start from.
        freeze_speed: metres per second of mean joint speed below which a performer counts as frozen.
        performers: numbers of those who play from the start, in the middle of the stage.
        draws: performers, from 0, whose noise the rows draw, so that several can dance as each would alone; None: each
            row its own.
        path: where the memory is on its map; None: nobody wants to know, and nothing is computed for it.

    Attributes:
        skeleton: of the bodies.

    Raises:
        ModelError: the model has no skeleton.
        ValueError: the model's batch does not fit, or it draws by itself.
    """

    def __init__(
        self,
        model: StepModel,
        family: Family,
        *,
        seed: int,
        primes: Primes,
        freeze_speed: float,
        performers: Sequence[int] = (1,),
        draws: Sequence[int] | None = None,
        path: PathEncoder | None = None,
    ) -> None:
        spec, skeleton = model.spec, _skeleton(model)
        self.skeleton = skeleton
        rows, joints = family.performers, len(skeleton.names)
        self._family, self._primes, self._seed, self._fps = family, primes, seed, spec.fps
        self._counts, self._count = dict.fromkeys(Counters._fields, 0), 0
        self._blend = max(1, round(BLEND * spec.fps))
        self._troupe = Troupe(model, family, draws)
        self._trail = None if path is None else Trail(path)
        self._recall = Recall(model, family, primes)
        self._guard = Guard(rows, joints, limits(skeleton, spec.fps))
        self._freeze = Freeze(rows, joints, spec.fps, freeze_speed)
        self._places = Places(rows, skeleton.root)
        self._sound = np.zeros((rows, spec.head.dims), np.float32)
        broken: Flags = np.zeros(rows, np.bool_)
        self._brokens = Kept(lambda batch: broken[:batch])
        self._started: Flags = np.zeros(rows, np.bool_)
        self._nudged: Flags = np.zeros(rows, np.bool_)
        self._call(())
        for number in performers:
            self.join(number)

    @property
    def counters(self) -> Counters:
        """What happened up to now, `restart` or not."""
        return Counters(**self._counts)

    @property
    def clips(self) -> int:
        """How many clips there are to start from."""
        return len(self._primes.clips)

    def tick(self) -> Frame:
        """Compute the next frame.

        Its number, its time and its noise are those of the act's own count of frames since it began.

        Returns:
            A frame whose arrays stay as they are for the next `LASTING` ticks; who keeps one for longer copies it.
        """
        count = self._count
        self._count += 1
        self._counts["frames"] += 1
        quality = self._advance(count) if self.performers else ()
        pose = self._places.taken(self._guard.pose, self._rows)
        milliseconds = round(count * 1000 / self._fps)
        return Frame(count, milliseconds, pose, quality, self.performers, path=self._find())

    def reserve(self, number: int) -> None:
        """Prepare for a performer, from any thread but the one that ticks; afterwards `join` is cheap.

        Raises:
            ValueError: the act has no room for this number.
            ModelError: the model cannot be stepped in a batch of this size.
        """
        self._troupe.reserve(number)

    def restart(self) -> None:
        """Begin anew with nobody: the same joins and controls then give the same bytes as in an act that was just made.

        The sizes of batch that were reserved stay; bytes are the same among acts of the same sizes.
        """
        for number in self.performers:
            self.leave(number)
        self._count = 0

    def recall(self, clip: int, frame: int | None = None) -> Moment:
        """Find a moment to start from, in any thread while another one ticks.

        Args:
            clip: which one, from 0; clamped to what there is.
            frame: of the clip, from 0, likewise; None is its end.

        Raises:
            ModelError: the model cannot be stepped alone.
        """
        return self._recall.moment(clip, frame)

    def join(
        self,
        number: int,
        *,
        seed: int | None = None,
        place: Place = MIDDLE,
        controls: Controls = PLAIN,
        moment: Moment | None = None,
    ) -> None:
        """Let a performer play from the next frame on.

        Args:
            number: which one.
            seed: of its own; None takes the act's.
            place: where it dances.
            controls: how it plays.
            moment: what it starts from; None is the end of a clip that its seed chooses.

        Raises:
            ValueError: it plays already, or it was not reserved and the model's batch has no row for it.
        """
        if number in self.performers:
            raise ValueError(f"performer {number} plays already")
        if not 1 <= number <= self._troupe.ready:
            raise ValueError(f"performer {number}; expected 1 to {self._troupe.ready}, as no more are reserved")
        row = number - 1
        self._places.put(row, place)
        self._troupe.enter(row, self._seed if seed is None else seed, controls)
        self._sound[row] = 0.0
        self._started[row] = False
        clip = self._remember(row, moment)
        self._family.enter(row, clip)
        self._guard.seat(row, clip[-1])
        self._call((*self.performers, number))

    def leave(self, number: int) -> None:
        """Let a performer go; the last one may go too.

        Raises:
            ValueError: it does not play.
        """
        self._troupe.leave(self._row(number))
        self._call(other for other in self.performers if other != number)

    def start(self, number: int, moment: Moment | None = None) -> None:
        """Let a performer that plays go on from a moment, where it stands and blended; errors as for `leave`.

        Args:
            number: which one.
            moment: what it goes on from; None is the end of a clip that its seed and this frame choose.
        """
        row = self._row(number)
        self._start(row, moment)
        self._guard.excuse(row)
        self._started[row] = True

    def stand(self, number: int, root: F32) -> None:
        """Let a performer go on from where another body stands; errors as for `leave`.

        Args:
            number: which one; it keeps its place, which its stage lies around.
            root: (7,) floor position and heading of that body, as in the frames.
        """
        row = self._row(number)
        self._family.stand(row, self._places.returned(row, root))
        self._freeze.forget(row)
        self._guard.excuse(row)

    def move(self, number: int, place: Place) -> None:
        """Give a performer another place, at once; errors as for `leave`."""
        self._places.put(self._row(number), place)

    def steer(self, number: int, controls: Controls) -> None:
        """Let a performer play with these controls from the next frame on; errors as for `leave`."""
        self._troupe.steer(self._row(number), controls)

    def reseed(self, number: int, seed: int) -> None:
        """Give a performer another seed, from the next frame on; errors as for `leave`."""
        self._troupe.reseed(self._row(number), seed)

    def seed(self, number: int) -> int:
        """The seed that a performer plays with; errors as for `leave`."""
        return self._troupe.seed(self._row(number))

    def controls(self, number: int) -> Controls:
        """What a performer plays with; errors as for `leave`."""
        found = self._troupe.controls[self._row(number)]
        return PLAIN if found is None else found

    def close(self) -> None:
        """Close the model in all its sizes; harmless twice."""
        self._recall.close()
        self._troupe.close()

    def _call(self, numbers: Iterable[int]) -> None:
        """Note who plays."""
        self.performers = tuple(sorted(numbers))
        self._here = frozenset(self.performers)
        self._rows = np.array(self.performers, np.int64) - 1
        self._good = (Quality.GOOD,) * len(self.performers)

    def _row(self, number: int) -> int:
        if number not in self._here:
            raise ValueError(f"performer {number} does not play; those who do: {self.performers}")
        return number - 1

    def _advance(self, count: int) -> tuple[Quality, ...]:
        """Move every performer on by a frame; tell what was done to each."""
        nudged = self._nudged
        np.copyto(nudged, self._freeze.nudged)
        sample = self._troupe.draw(count, nudged)
        broken = self._mend(sample)
        guarded = self._guard.check(self._family.decode(sample, self._troupe.controls), broken)
        self._freeze.watch(self._guard.pose.positions)
        if uneventful(self._rows, guarded, nudged, self._started, self._freeze.stuck):
            return self._good
        return tuple(self._care(row, bool(guarded[row]), bool(nudged[row])) for row in self._rows.tolist())

    def _find(self) -> F32 | None:
        """Where the memory of each performer is, (P, D), as it goes on from here."""
        trail = self._trail
        return None if trail is None else trail.taken(self._troupe.hidden(trail.numbers), self._rows)

    def _mend(self, sample: F32) -> Flags:
        """Put the last sound sample in the place of one that is no number; give (B,) where that was.

        A family that integrates a NaN would not get rid of it by being seated again.
        """
        broken = self._brokens[len(sample)]
        mend(sample, self._sound, broken)
        return broken

    def _care(self, row: int, guarded: bool, nudged: bool) -> Quality:  # noqa: FBT001 (two flags of one row)
        """Start a broken or stuck performer again, count, and tell what was done."""
        quality = Quality.GUARDED if guarded else Quality.GOOD
        self._counts["guarded"] += guarded
        self._counts["nudged"] += nudged
        if nudged:
            quality |= Quality.NUDGED
        if self._started[row]:
            self._started[row] = False
            quality |= Quality.PRIMED
        if guarded or self._freeze.stuck[row]:
            self._start(row, None)
            quality |= Quality.PRIMED
        return quality

    def _start(self, row: int, moment: Moment | None) -> None:
        """Let a performer go on from a moment, or from the end of a clip, blended; count it."""
        self._family.place(row, self._remember(row, moment), self._blend)
        self._counts["primed"] += 1

    def _remember(self, row: int, moment: Moment | None) -> F32:
        """Give a performer the memory of a moment; give the clip (L, J, 3) at whose end it is to be seated."""
        if moment is None:
            moment = self._primes.moment(self._troupe.pick(row, self._count, self.clips))
        self._troupe.prime(row, moment)
        self._freeze.forget(row)
        return moment.clip


def _skeleton(model: StepModel) -> Skeleton:
    if model.spec.skeleton is None:
        raise ModelError("figurant.spec: skeleton", "none", "a skeleton, as an act of bodies is guarded by it")
    return model.spec.skeleton
