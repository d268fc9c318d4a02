"""Every free-run measure of a dance at once, against the recordings that trained it."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.schema.skeleton import Skeleton
from export.metrics import dance, frechet, poses
from export.metrics.dance import Floats, Motion
from export.metrics.poses import Nearest, Poses


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What a motion measured.

    Attributes:
        frames: how many frames were measured.
        bone: mean relative error of bone lengths, percent.
        bone_worst: that of the bone that bends most, percent.
        jerk: m/s3.
        speed: mean over the joints, m/s.
        root_speed: over the floor, m/s.
        freeze: one-second windows that stand still, percent.
        skate: speed of feet on the floor, cm/s.
        nearest: mean distance to the nearest training pose, cm.
        drift: that distance in the last sixth of a run over the mean.
        coverage: bins of training frames visited, percent.
        frechet: distance of kinetic features to the training clips.
        windows: how many windows that distance rests on.
    """

    frames: int
    bone: float
    bone_worst: float
    jerk: float
    speed: float
    root_speed: float
    freeze: float
    skate: float
    nearest: float
    drift: float
    coverage: float
    frechet: float
    windows: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Reference:
    """The training recordings, prepared to be compared with.

    Attributes:
        skeleton: the body.
        fps: frames per second of the recordings and of what is measured.
        edges: bones that keep their length.
        frozen_below: m/s under which a one-second window stands still.
        poses: every pose.
        genres: of every take, '' where nobody says.
        kinetics: every two-second window.
    """

    skeleton: Skeleton
    fps: float
    edges: dance.Edges
    frozen_below: float
    poses: Poses
    genres: tuple[str, ...]
    kinetics: frechet.KineticSpace

    @classmethod
    def of(
        cls,
        motion: Motion,
        fps: float,
        skeleton: Skeleton,
        genres: Sequence[str] = (),
        mirrored: Sequence[Floats] = (),
    ) -> "Reference":
        """Prepare the takes of a recording, (T, J, 3) each.

        Args:
            motion: the takes.
            fps: frames per second.
            skeleton: the body.
            genres: one per take, or none.
            mirrored: every take once more, left and right changed, where a model has learnt those too.
        """
        recorded = dance.takes(motion)
        return cls(
            skeleton=skeleton,
            fps=fps,
            edges=dance.rigid_edges(skeleton, recorded),
            frozen_below=dance.frozen_below(recorded, fps),
            poses=Poses.of(recorded, skeleton, mirrored),
            genres=tuple(genres) or ("",) * len(recorded),
            kinetics=frechet.KineticSpace.of(frechet.features(recorded, fps)),
        )

    def measure(self, motion: Motion, nearest: Sequence[Nearest] | None = None) -> Scores:
        """Measure a motion; `nearest`, one per take, saves looking for the nearest poses again."""
        measured = dance.takes(motion)
        found = nearest if nearest is not None else [self.poses.nearest(take) for take in measured]
        bone = dance.bones(measured, self.edges)
        windows = frechet.features(measured, self.fps)
        frames = sum(map(len, measured))
        return Scores(
            frames=frames,
            bone=100 * bone.mean,
            bone_worst=100 * bone.worst,
            jerk=dance.jerk(measured, self.fps),
            speed=dance.speed(measured, self.fps),
            root_speed=dance.root_speed(measured, self.fps, self.skeleton),
            freeze=100 * dance.freeze(measured, self.fps, self.frozen_below),
            skate=100 * dance.skate(measured, self.fps, self.skeleton),
            nearest=100 * sum(float(near.distance.sum()) for near in found) / frames,
            drift=_drift(found),
            coverage=100 * self.poses.coverage(found),
            frechet=self.kinetics.distance(windows),
            windows=len(windows),
        )


def _drift(found: Sequence[Nearest]) -> float:
    """Mean over the takes, each weighed by its length."""
    weighed = sum(poses.drift(near.distance) * len(near.distance) for near in found)
    return weighed / sum(len(near.distance) for near in found)
