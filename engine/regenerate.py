"""A take whose models play again from its journal, compared with what was recorded."""

from collections.abc import Iterator
from pathlib import Path

from engine import identity
from engine.bundled import find_model
from engine.inference.vet import load
from engine.motion.rig import make_rig
from engine.motion.solve import Solver
from engine.runtime.journal import Made
from engine.runtime.likeness import difference
from engine.runtime.regenerating import Regenerated, pages, seen
from engine.schema.errors import DataError, ModelError
from engine.schema.frame import Frame
from engine.schema.show import Act
from engine.schema.skeleton import Skeleton
from engine.streams import Streams
from engine.takes.reader import Take
from engine.takes.values import Header, Struck, Taken


class Likeness:
    """How far the frames that were computed again are those that were recorded.

    Attributes:
        frames: that were compared.
        different: of these.
        first: where and how the first of them is different.
    """

    def __init__(self) -> None:
        self.frames = self.different = 0
        self.first = ""

    def compare(self, found: Frame, expected: Frame) -> None:
        """Compare two frames."""
        self.frames += 1
        if word := difference(found, expected):
            self.different += 1
            self.first = self.first or f"frame {expected.sequence}: {word}"

    def line(self) -> str:
        """For a person to read."""
        if not self.different:
            return f"{self.frames} frames, all equal bit for bit"
        return f"{self.different} of {self.frames} frames differ; the first is {self.first}"


class Again:
    """A show that is computed again beside its take.

    Args:
        path: of the take.

    Attributes:
        take: that is read.
        likeness: how far it is the same.

    Raises:
        DataError: the take has no bodies, or its journal does not reach back to the show's beginning.
        ModelError: a model is another one now.
        ConfigError: a model is gone.
    """

    def __init__(self, path: Path) -> None:
        self.take, self._journal = Take(path), Take(path)
        self.likeness = Likeness()
        header = self.take.header
        self._skeleton, self._cast = _bodies(path, header)
        if not header.journal:
            found = "a show whose journal had grown too long"
            raise DataError(str(path), found, "one that reaches back to the show's beginning", "replay it as it is")
        for made in seen(pages(self._journal.journal())):
            _check(made)

    @property
    def remarks(self) -> list[str]:
        """Why frames may differ in their last bits, and what is not computed again."""
        header, found = self.take.header, list[str]()
        if header.build != identity.build():
            found.append(f"recorded by another build, of version {header.engine}: frames may differ")
        if header.machine != identity.machine():
            found.append(f"recorded on another machine ({header.machine}): frames may differ")
        if any(played.part == "keys" for played in header.models):
            found.append("notes are not computed again: they come from the recording")
        if header.size is not None:
            found.append("pictures are not computed again: they come from the recording")
        if any(played.part == "signs" for played in header.models):
            found.append("signs are not read again: they come from the recording, as paths do")
        return found

    def records(self) -> Iterator[Taken | Struck]:
        """The take's frames, computed again and compared, and its keys as they were recorded.

        Raises:
            DataError: the take or its journal is damaged.
            EngineError: a model cannot be played.
        """
        header = self.take.header
        streams = Streams(header.show, self._cast, header.fps, None)
        again = Regenerated(
            self._journal.journal,
            lambda made: streams.make(made.model),
            skeleton=self._skeleton,
            fps=header.fps,
            solver=None if make_rig(self._skeleton) is None else Solver(self._skeleton, header.fps),
        )
        try:
            for record in self.take.records("/frames", "/notes"):
                if isinstance(record, Taken):
                    yield self._taken(again, record)
                elif isinstance(record, Struck):
                    yield record
        finally:
            again.close()

    def _taken(self, again: Regenerated, taken: Taken) -> Taken:
        if not again.tick <= taken.tick <= taken.frame.sequence:
            expected = "ticks that rise, and no more of them than frames"
            raise DataError(f"frame {taken.frame.sequence}", f"tick {taken.tick}", expected)
        while again.tick < taken.tick:
            again.frame()
        found = again.frame()
        bodies, given = found.pose.only(range(len(found.performers))), taken.frame
        found = found._replace(
            pose=bodies, notes=given.notes, image=given.image, signals=given.signals, labels=given.labels
        )
        self.likeness.compare(found, taken.frame)
        return taken._replace(frame=found)


def _bodies(path: Path, header: Header) -> tuple[Skeleton, Act]:
    """What danced."""
    models = [played.model for played in header.models if played.part == "bodies"]
    casts = [act for act in header.show.acts if act.model in models]
    if header.skeleton is None or not casts:
        raise DataError(str(path), "a take without bodies", "dancers, whose model can play again", "replay it as it is")
    return header.skeleton, casts[0]


def _check(made: Made) -> None:
    """See that a model is what it was."""
    path = find_model(made.model, Path(), "the take's model")
    found = load(path).sha256
    if found != made.sha256:
        raise ModelError(str(path), f"another file than was recorded, sha256 {found[:12]}", f"{made.sha256[:12]}")
