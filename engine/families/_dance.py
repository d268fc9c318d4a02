"""What the bodies of the dance family do in a frame, compiled; all of them in one call, as each call has its price.

A body is a row. Arguments that belong together are plain tuples, which cost no more than what is in them: a named tuple
takes half a microsecond to be unpacked.
"""

import numpy as np
from numpy.typing import NDArray

from engine.kernel import kernel
from engine.motion.bones import keep_lengths
from engine.motion.feet import lock_feet
from engine.motion.field import lead
from engine.motion.floor import lift, lowest, rise
from engine.motion.stance import plant
from engine.schema.frame import F32

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

Joined = tuple[I64, I64, F32]
"""Of a skeleton: the order, the parents and the lengths of `engine.motion.bones`."""

Space = tuple[F32, F32, F32]
"""`mean` (J * 3,), the basis the other way round (d, J * 3), and the basis (J * 3, d)."""

Bank = tuple[F32, I64]
"""The moments of `engine.motion.field` and their genres."""

Contacts = tuple[I64, F32, float, I64, F32, float]
"""What may stand, at which height, and until which speed, metres per frame; legs, heights and frames per second of
`engine.motion.feet`."""

Asked = tuple[NDArray[np.bool_], I64, F64, F64, F64, NDArray[np.bool_], F32]
"""By row: whether it plays; genre, pull, footlock, radius; whether it is bent, and by which offsets (P, d)."""

State = tuple[F32, F32, F64, F64, F32, I64]
"""By row: what is fed back (P, 2 d + 3), bodies seen from where they stand (P, J, 3), places (P, 3), what feet remember
(P, N, 6), blends (P, J, 3), and how many of their frames are left and were planned (P, 2)."""

Room = tuple[F32, F32, F32]
"""Scratch: two bodies (J, 3) and a sample (d + 3,)."""

INNER = 0.6
"""Share of the stage's radius from which on the body is turned back."""

STEER = 0.6
"""Radians per metre walked by which a body is turned towards the middle: too little for an eye to see the feet turn."""

LEAST = 1e-9
"""Metres; keeps a division from being one by zero."""


@kernel
def write_input(fed: F32, genres: I64, x: F32) -> None:
    """Write what is fed back (P, 2 d + 3), and behind it the genre as one-hot, into `x` (B, F)."""
    width = fed.shape[1]
    for row in range(x.shape[0]):
        x[row, :width] = fed[row]
        x[row, width:] = 0.0
        if 0 <= genres[row] < x.shape[1] - width:
            x[row, width + genres[row]] = 1.0


@kernel
def dance(
    sample: F32,
    asked: Asked,
    state: State,
    space: Space,
    bank: Bank,
    skeleton: Joined,
    contacts: Contacts,
    leap: float,
    room: Room,
    bodies: F32,
    roots: F32,
) -> None:
    """Advance every body that plays by its sample (B, d + 3); write bodies (P, J, 3), feet locked, and roots (P, 7)."""
    plays, genres, pulls, locks, radii, bends, offsets = asked
    fed, locals_, places, feet, fades, fadings = state
    joints, heights, fast, legs, toes, fps = contacts
    before, bent, step = room
    dims = space[1].shape[0]
    for row in range(sample.shape[0]):
        if not plays[row]:
            continue
        z, dz, way, local = fed[row, :dims], fed[row, dims : 2 * dims], fed[row, 2 * dims :], locals_[row]
        before[:] = local
        step[:] = sample[row]
        if pulls[row] > 0.0:
            lead(z, dz, bank[0], bank[1], genres[row], pulls[row], step)
        advance(step, z, dz, way, local, space, skeleton)
        plant(before, local, way, joints, heights, fast, locks[row])
        walk(way, places[row], radii[row], leap)
        if bends[row]:
            bend(local, offsets[row], space[2], skeleton, bent)
        else:
            bent[:] = local
        show(bent, fades[row], fadings[row], places[row], bodies[row], roots[row], skeleton)
        lock_feet(bodies[row], legs, toes, feet[row], fps, locks[row])


@kernel
def decode_pose(z: F32, mean: F32, across: F32, local: F32) -> None:
    """Principal components (d,) to joints (J, 3), metres, into `local`.

    `across` (d, J * 3) is the basis the other way round: each component is added to all joints at once, in vectors.
    """
    flat = local.reshape(-1)
    flat[:] = mean
    for dim in range(z.shape[0]):
        for row in range(flat.shape[0]):
            flat[row] += across[dim, row] * z[dim]


@kernel
def encode_pose(local: F32, mean: F32, basis: F32, z: F32) -> None:
    """Joints (J, 3) to principal components (d,), into `z`."""
    z[:] = 0.0
    for joint in range(local.shape[0]):
        for axis in range(3):
            row = 3 * joint + axis
            away = local[joint, axis] - mean[row]
            for dim in range(z.shape[0]):
                z[dim] += basis[row, dim] * away


@kernel
def bend(local: F32, offsets: F32, basis: F32, skeleton: Joined, bent: F32) -> None:
    """Move a body (J, 3) along its components by offsets (d,), into `bent`; bones and the lowest height are kept."""
    order, parents, lengths = skeleton
    for joint in range(local.shape[0]):
        for axis in range(3):
            value = local[joint, axis]
            for dim in range(offsets.shape[0]):
                value += basis[3 * joint + axis, dim] * offsets[dim]
            bent[joint, axis] = value
    keep_lengths(bent, order, parents, lengths)
    rise(bent, lowest(local) - lowest(bent))


@kernel
def advance(sample: F32, z: F32, dz: F32, way: F32, local: F32, space: Space, skeleton: Joined) -> None:
    """One body's next pose: add the sample, decode, keep bones and floor, project for the feedback."""
    mean, across, basis = space
    order, parents, lengths = skeleton
    dims = z.shape[0]
    for dim in range(dims):
        dz[dim] = z[dim]
        z[dim] += sample[dim]
    decode_pose(z, mean, across, local)
    keep_lengths(local, order, parents, lengths)
    lift(local)
    encode_pose(local, mean, basis, z)
    for dim in range(dims):
        dz[dim] = z[dim] - dz[dim]
    way[:] = sample[dims:]


@kernel
def walk(way: F32, place: F64, radius: float, leap: float) -> None:
    """Take one step over the floor, at most `leap` metres, staying within `radius` metres of the origin.

    Far out, the body's path is bent towards the middle, as redirected walking does, in proportion to the way it goes;
    one that goes straight outwards is bent to the left. What still leads outwards is scaled down to nothing at the
    radius. A step that is no number is not taken: it could never be taken back.
    """
    if not (np.isfinite(way[0]) and np.isfinite(way[1]) and np.isfinite(way[2])):
        return
    cos, sin = np.cos(place[2]), np.sin(place[2])
    step_x, step_z = way[0] * cos + way[1] * sin, way[1] * cos - way[0] * sin
    size = np.sqrt(step_x * step_x + step_z * step_z)
    if size > leap:
        step_x, step_z = step_x * leap / size, step_z * leap / size
    off_x, off_z = place[0], place[1]
    away = np.sqrt(off_x * off_x + off_z * off_z)
    turn = 0.0
    if away > INNER * radius:
        far = min((away / radius - INNER) / (1.0 - INNER), 1.0)
        outward = (step_x * off_x + step_z * off_z) / away
        side = (step_x * off_z - step_z * off_x) / away
        turn = far * STEER * (side + max(outward, 0.0))
        if outward > 0:
            step_x -= far * outward * off_x / away
            step_z -= far * outward * off_z / away
    off_x, off_z = off_x + step_x, off_z + step_z
    back = min(1.0, max(radius, away) / max(np.sqrt(off_x * off_x + off_z * off_z), LEAST))
    place[0], place[1] = off_x * back, off_z * back
    place[2] = (place[2] + way[2] + turn + np.pi) % (2.0 * np.pi) - np.pi


@kernel
def blended(fading: I64) -> float:
    """Share of the old pose in a blend of which `fading` (2,) frames are left and were planned."""
    if fading[0] == 0:
        return 0.0
    left = fading[0] / fading[1]
    return float(left * left * (3.0 - 2.0 * left))


@kernel
def show(
    local: F32,
    fade: F32,
    fading: I64,
    place: F64,
    body: F32,
    root: F32,
    skeleton: Joined,
) -> None:
    """Put one body (J, 3) where it stands, in world metres, with what is left of a blend added."""
    order, parents, lengths = skeleton
    fading[0] = max(fading[0] - 1, 0)
    share = blended(fading)
    for joint in range(local.shape[0]):
        for axis in range(3):
            body[joint, axis] = local[joint, axis] + np.float32(share) * fade[joint, axis]
    if share > 0.0:
        keep_lengths(body, order, parents, lengths)
    cos, sin = np.cos(place[2]), np.sin(place[2])
    for joint in range(local.shape[0]):
        x, z = body[joint, 0], body[joint, 2]
        body[joint, 0] = place[0] + x * cos + z * sin
        body[joint, 2] = place[1] + z * cos - x * sin
    root[0], root[1], root[2] = place[0], 0.0, place[1]
    root[3], root[4], root[5], root[6] = 0.0, np.sin(place[2] / 2.0), 0.0, np.cos(place[2] / 2.0)
