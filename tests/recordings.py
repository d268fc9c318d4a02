"""Small recordings without any file: bodies of 20 joints that step, turn and wave, solved as in a show."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from engine.motion import kinematics
from engine.motion.core20 import CORE20, PELVIS_HEIGHT, TOE_HEIGHT
from engine.motion.heading import heading
from engine.motion.rig import Rig
from engine.motion.solve import Solver
from engine.schema.frame import F32
from engine.schema.note import Event, Note, Pedal, Timed
from export.recording import Performance, Recording

F64 = NDArray[np.float64]

CREDIT = "Dance of nobody, Example Studio"
MADE = "model toy, seed 1"
SECOND = 1_000_000_000


def recorded(frames: int = 60, performers: int = 1, fps: float = 30.0, seed: int = 1) -> Recording:
    """Everybody there all the time, beside each other, each moving in another way."""
    solver = Solver(CORE20, fps)
    dancers = tuple(_performance(solver, number, frames, fps, seed) for number in range(1, performers + 1))
    return Recording(
        name="toy dance",
        fps=fps,
        skeleton=CORE20,
        rig=solver.rig,
        performers=dancers,
        notes=(),
        frames=frames,
        credit=CREDIT,
        licence="CC0",
        made=MADE,
    )


def gaps(frames: int = 60, fps: float = 30.0, seed: int = 1) -> Recording:
    """Two performers, the second there only in the middle third; elsewhere it stands as in its nearest frame."""
    whole = recorded(frames, 2, fps, seed)
    first, second = frames // 3, frames - frames // 3
    nearest = np.clip(np.arange(frames), first, second - 1)
    there = (np.arange(frames) >= first) & (np.arange(frames) < second)
    held = only(whole.performers[1], nearest)
    return replace(whole, performers=(whole.performers[0], replace(held, present=there)))


def keys(seconds: float = 2.0, fps: float = 30.0) -> Recording:
    """A piano alone: a chord, a run that overlaps, a key struck again, the pedal; the last key comes up at the end."""
    struck = [(0.0, 60, 80), (0.0, 64, 70), (0.0, 67, 60), (0.5011, 72, 90), (0.7523, 74, 1), (1.0, 60, 127)]
    ups = [(0.5, 60), (0.5, 64), (0.9, 67), (0.8007, 72), (seconds, 74), (1.25, 60)]
    events: list[tuple[float, Event]] = [(at, Note(number, velocity)) for at, number, velocity in struck]
    events += [(at, Note(number, 0)) for at, number in ups]
    pedals = [(0.25, Pedal(127)), (0.95, Pedal(40)), (1.1, Pedal(0))]
    timed = [Timed(round(at * SECOND), event) for at, event in (*events, *pedals)]
    notes = tuple(sorted(timed, key=lambda one: one.at))
    frames = round(seconds * fps) + 1
    return Recording(
        name="toy piano",
        fps=fps,
        skeleton=None,
        rig=None,
        performers=(),
        notes=notes,
        frames=frames,
        credit=CREDIT,
        licence="CC0",
        made=MADE,
    )


def only(performance: Performance, frames: NDArray[Any]) -> Performance:
    """Some frames of a performance, by their indices."""
    arrays = ("present", "positions", "root", "rotations", "joints", "bones")
    whole = {name: getattr(performance, name) for name in arrays}
    taken: dict[str, Any] = {name: None if part is None else part[frames] for name, part in whole.items()}
    return replace(performance, **taken)


def bare(recording: Recording) -> Recording:
    """The same where no rotations were solved."""
    dancers = tuple(replace(one, rotations=None, joints=None, bones=None) for one in recording.performers)
    return replace(recording, rig=None, performers=dancers)


def movement(rig: Rig, seconds: F64, seed: int) -> F32:
    """Positions (T, 20, 3), metres, at the moments (T,): a walk in circles with turns, bent knees and wide arms."""
    draw = np.random.default_rng(seed)
    pace, swing = draw.uniform(0.7, 1.3, 2)
    phase = 2 * np.pi * (0.9 * pace * seconds + draw.uniform())
    slow = 2 * np.pi * (0.21 * swing * seconds + draw.uniform())
    turns = np.zeros((len(seconds), len(rig.names), 3))
    for name, vector in _joints(phase, slow).items():
        turns[:, rig.names.index(name)] = np.stack(np.broadcast_arrays(*vector), -1)
    local = Rotation.from_rotvec(turns.reshape(-1, 3)).as_quat().reshape(*turns.shape[:2], 4)
    root = np.stack([0.5 * np.sin(slow), np.full(len(seconds), PELVIS_HEIGHT), 0.5 * np.cos(slow)], -1)
    positions = kinematics.forward(rig, kinematics.world(rig, local), root)
    lowest = positions[..., 1].min(-1, initial=TOE_HEIGHT + PELVIS_HEIGHT, keepdims=True)
    positions[..., 1] += TOE_HEIGHT - lowest
    return positions.astype(np.float32)


def _joints(phase: F64, slow: F64) -> dict[str, tuple[F64 | float, F64 | float, F64 | float]]:
    """Rotation vectors, radians, of what moves: `phase` goes round with each pair of steps, `slow` with each circle."""
    found: dict[str, tuple[F64 | float, F64 | float, F64 | float]] = {
        "pelvis": (0.05 * np.sin(2 * phase), slow + np.pi / 2, 0.08 * np.sin(phase)),
        "chest": (0.1 * np.sin(slow), 0.25 * np.sin(phase), -0.1 * np.sin(phase)),
        "neck": (0.15 * np.sin(2 * slow), 0.3 * np.sin(slow), 0.0),
    }
    for side, sign in (("l", 1.0), ("r", -1.0)):
        step = np.sin(phase + (0.0 if sign > 0 else np.pi))
        found[f"{side}_hip"] = -0.5 * step, 0.0, 0.05 * sign
        found[f"{side}_knee"] = 0.45 + 0.4 * np.cos(phase + (0.0 if sign > 0 else np.pi)), 0.0, 0.0
        found[f"{side}_ankle"] = 0.15 * step, 0.0, 0.0
        found[f"{side}_shoulder"] = 0.2, -0.5 * step * sign, -sign * (0.5 + 0.7 * np.sin(slow + sign))
        found[f"{side}_elbow"] = 0.0, -sign * (0.7 + 0.5 * np.sin(phase)), 0.0
    return found


def roots(positions: F32) -> F32:
    """Floor position and heading (T, 7) of bodies (T, 20, 3)."""
    half = heading(positions, CORE20) / 2
    found = np.zeros((len(positions), 7), np.float32)
    found[:, [0, 2]] = positions[:, CORE20.root, ::2]
    found[:, 4], found[:, 6] = np.sin(half), np.cos(half)
    return found


def _performance(solver: Solver, number: int, frames: int, fps: float, seed: int) -> Performance:
    positions = movement(solver.rig, np.arange(frames) / fps, 100 * seed + number)
    positions[..., 0] += 1.5 * (number - 1)
    rotations = np.zeros((frames, len(CORE20.names), 4), np.float32)
    joints, bones = np.zeros_like(positions), np.zeros((frames, len(solver.rig.names), 4), np.float32)
    for at in range(frames):
        turned, body = solver.solve(positions[at : at + 1], (number,))
        assert turned is not None
        rotations[at], joints[at], bones[at] = turned[0], body.joints[0], body.bones[0]
    return Performance(
        number=number,
        present=np.ones(frames, np.bool_),
        positions=positions,
        root=roots(positions),
        rotations=rotations,
        joints=joints,
        bones=bones,
    )
