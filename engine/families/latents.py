"""Pictures that a decoder draws of latent numbers, which a network of mixtures moves (DanceNet).

A latent is D numbers, each in standard deviations of the training. The input of a step is `[z, dz]`: the last latent
and its last change; the head gives the next change. What is shown lies on the straight way between the last two frames,
so that a model of ten frames per second moves smoothly on any wire; a stored pose and the knobs `latent/<n>` are laid
over it and are not fed back. A picture that is given is encoded: its latent is shown at once, and the model follows it.

Arrays in the model file: `decoder`, and optionally `encoder`, the bytes of .onnx graphs from `latent` (B, D) to `image`
(B, 1, H, W) and back, light from 0 to 1; `primes` (N, L, D) recorded stretches to start from; `bank` (K, D) recorded
latents and `bank_next` (K, D) their changes to the next frame; optionally `poses` (M, D). Settings: `freeze_speed`, the
length of the change in a second, mean over a second, below which nothing moves; `pull`, at least how strongly
recordings lead. The farther a latent is from all of them, the more they do: it cannot stray to where the decoder was
never taught, and among them it is as free as the knobs say.
"""

from collections.abc import Sequence

import numpy as np

from engine.contracts import Counters, Drawing, Knobs, Loaded
from engine.families._arrays import floats, octets, place_of, setting
from engine.families._latents import Stillness, add, between, nearest, same
from engine.guard import finite
from engine.images.levels import to_grey, to_light
from engine.inference.bound_graph import BoundGraph
from engine.inference.open_model import open_model
from engine.motion.ease import ease
from engine.motion.field import lead
from engine.sampling.kernels import heat
from engine.sampling.mdn import Sampler
from engine.sampling.noise import Noise, pick
from engine.schema.controls import LATENT_SPAN, Controls
from engine.schema.errors import ModelError
from engine.schema.frame import F32, U8, Image
from engine.schema.model import ModelSpec, Size

PART = "images"

BLEND = 0.5
"""Seconds in which the picture goes over to another moment."""

NUDGE = 1.5
"""What the temperature is multiplied by where nothing moves; more would leave what the model knows."""

SLACK = 1.2
"""How much farther from all recorded latents one may be than any of these from the others; beyond that it is none."""

NEARLY = 0.93
"""Share of the recorded latents that are as near to the others as where these begin to lead more. At a half a model
stayed in a fifth of what was recorded, and stood still more often; without any lead its pictures fall apart."""

PROBES = 256
"""Recorded latents by which it is measured how far they are from each other."""

ANY_GENRE = -1


class Latents:
    """The family for one model; see `engine.imagery.Imagery`."""

    def __init__(self, loaded: Loaded, device: str, seed: int) -> None:
        spec = self.spec = loaded.spec
        size, dims = _size(spec), spec.head.dims
        self._primes = floats(loaded.arrays, "primes", (-1, -1, dims))
        self._bank = _bank(loaded, dims)
        self._poses = (
            floats(loaded.arrays, "poses", (-1, dims)) if "poses" in loaded.arrays else np.zeros((0, dims), np.float32)
        )
        self.poses = len(self._poses)
        self._pull = setting(spec, "pull", "0 to 1", high=1.0)
        self._stillness = Stillness(spec.fps, setting(spec, "freeze_speed", "standard deviations per second"))
        self._remembered = _remembered(loaded, self._primes)
        self._kinds = np.zeros(len(self._bank), np.int64)
        self._frames = max(1, round(BLEND * spec.fps))
        self._near, self._far = _spacing(self._bank[:, :dims])
        self._away = 0.0
        self._counts = dict.fromkeys(Counters._fields, 0)
        self._seed, self._count, self._left, self._shares = seed, 0, 0, (0.0, 0.0)
        self._following = self._known = False
        self._decoder = _decoder(loaded, device, dims, size)
        self._encoder = _encoder(loaded, device, dims, size)
        self.takes = self._encoder is not None
        self._model = open_model(loaded, 1, device)
        self._noise = Noise([seed], dims, spec.head.colour)
        self._sampler = Sampler(spec.head, 1)
        # of one row: own temperature, temperature, of the choice, of the spread, share, divisor
        self._knobs = np.ones((6, 1), np.float32)
        self._nudged = np.zeros(1, np.bool_)
        self._x = np.zeros((1, 2 * dims), np.float32)
        self._z, self._dz = self._x[0, :dims], self._x[0, dims:]
        self._new, self._before, self._here, self._fade, self._bare, self._shown, self._seen, self._pose = np.zeros(
            (8, dims), np.float32
        )
        self._decoded = np.full(dims, np.nan, np.float32)
        self._pixels: U8 = np.zeros((size.height, size.width), np.uint8)
        self._given: U8 = np.zeros_like(self._pixels)
        self._light: F32 = np.zeros((1, 1, size.height, size.width), np.float32)
        self._image = Image(self._pixels, self._shown)
        self.restart(seed)
        self._rehearse()
        self.restart(seed)

    @property
    def provider(self) -> str:
        """What the pictures are drawn on, which takes most of the time."""
        return self._decoder.provider

    @property
    def counters(self) -> Counters:
        """What happened up to now."""
        return Counters(**self._counts)

    def advance(self, controls: Controls, given: U8 | None) -> None:
        """Compute the next latent; see `Imagery`."""
        self._counts["frames"] += 1
        self._shares = self._shares[1], ease("smooth", (self._left - 1) / self._frames)
        self._left = max(self._left - 1, 0)
        np.copyto(self._before, self._bare if self._following else self._here)
        sample = self._sample(controls)
        self._count += 1
        if given is not None and self._encode(given):
            self._follow()
        else:
            self._go_on(sample, controls)
            self._following = False
        np.copyto(self._here, self._z)
        add(self._fade, self._shares[1], self._here)

    def image(self, phase: float, controls: Controls, given: U8 | None = None) -> Image:
        """Draw what is shown; see `Imagery`. A latent that is the last one's is not drawn again."""
        if self._following and (given is None or self._encode(given)):
            np.copyto(self._bare, self._seen)
            add(self._fade, self._shares[0] + (self._shares[1] - self._shares[0]) * phase, self._bare)
        elif not self._following:
            between(self._before, self._here, phase, self._bare)
        np.copyto(self._shown, self._bare)
        self._lay_over(controls)
        if not same(self._shown, self._decoded):
            self._draw()
        return self._image

    def state(self) -> tuple[F32, ...]:
        """Copies of the state tensors; see `Imagery`."""
        return self._model.state()

    def hidden(self, numbers: Sequence[int]) -> Sequence[F32]:
        """Some state tensors as they are; see `Imagery`."""
        return self._model.hidden(numbers)

    def reseed(self, seed: int) -> None:
        """Go on with other noise."""
        self._seed = seed
        self._noise.reseed(0, seed)

    def restart(self, seed: int) -> None:
        """Begin anew from a recorded stretch that the seed chooses."""
        self.reseed(seed)
        self._count, self._left, self._shares = 0, 0, (0.0, 0.0)
        self._following = self._known = False
        self._fade[:] = 0.0
        self._remember()
        for latent in (self._before, self._here, self._bare):
            np.copyto(latent, self._z)

    def close(self) -> None:
        """Close the graphs; harmless twice."""
        self._model.close()
        self._decoder.close()
        if self._encoder is not None:
            self._encoder.close()

    def _sample(self, controls: Controls) -> F32:
        """Step the model; give the change (D,) that it draws."""
        own, temperature, pi_temperature, sigma, top_p, divisor = self._knobs
        own[0], pi_temperature[0] = controls.temperature, controls.pi_temperature
        sigma[0], top_p[0] = controls.sigma, controls.top_p
        nudged = self._nudged[0] = self._stillness.nudged
        self._counts["nudged"] += int(nudged)
        heat(own, self._nudged, NUDGE, pi_temperature, temperature, divisor)
        knobs, noise = Knobs(temperature, pi_temperature, sigma, top_p), self._noise
        if isinstance(self._model, Drawing):
            sample: F32 = self._model.draw(self._x, noise.seeds, self._count, noise.colour, knobs)[0]
            return sample
        noise.fill(self._count, 1)
        output = self._model.step(self._x, noise.u, divisor, top_p)
        drawn: F32 = self._sampler.draw(output, noise.u, noise.normals, knobs)[0]
        return drawn

    def _go_on(self, sample: F32, controls: Controls) -> None:
        """Go on by a sample (D,), led by recordings; where that leads nowhere, or nothing moves, begin again."""
        pull, astray = max(controls.pull, self._pull), (self._away - self._near) / (self._far - self._near)
        pull += (1.0 - pull) * min(max(astray, 0.0), 1.0)
        if pull > 0.0:
            lead(self._z, self._dz, self._bank, self._kinds, ANY_GENRE, pull, sample)
        np.add(self._z, sample, out=self._new)
        self._away = nearest(self._new, self._bank)
        if not self._away < self._far:
            self._counts["guarded"] += 1
            self._prime()
            return
        np.copyto(self._dz, sample)
        np.copyto(self._z, self._new)
        self._stillness.watch(sample)
        if self._stillness.stuck:
            self._prime()

    def _follow(self) -> None:
        """Go on from the latent of a picture; blended where none was given before."""
        np.subtract(self._seen, self._z, out=self._dz)
        np.copyto(self._z, self._seen)
        self._away = nearest(self._z, self._bank)
        self._stillness.forget()
        if not self._following:
            self._dz.fill(0.0)
            self._blend()
            self._following = True

    def _prime(self) -> None:
        """Begin again from a recorded stretch that the seed and this frame choose, blended."""
        self._remember()
        self._blend()
        self._counts["primed"] += 1

    def _blend(self) -> None:
        """Go over to where the model stands now, from where it stood."""
        np.subtract(self._before, self._z, out=self._fade)
        self._left, self._shares = self._frames, (1.0, 1.0)

    def _remember(self) -> None:
        """Stand at the end of a recorded stretch, with the memory of it."""
        chosen = pick(self._seed, self._count, 0, len(self._primes))
        stretch = self._primes[chosen]
        self._model.put(0, self._remembered, chosen)
        np.copyto(self._z, stretch[-1])
        np.subtract(stretch[-1], stretch[-2], out=self._dz)
        self._away = nearest(self._z, self._bank)
        self._stillness.forget()

    def _encode(self, given: U8) -> bool:
        """Write the latent of a picture to `_seen`; False where the model takes none, or gives no numbers."""
        if self._encoder is None:
            return False
        if self._known and same(given, self._given):
            return True
        np.copyto(self._given, given)
        to_light(given, self._light[0, 0])
        (latent,) = self._encoder.run(self._light)
        self._known = finite(latent[0])
        if self._known:
            np.copyto(self._seen, latent[0])
        return self._known

    def _rehearse(self) -> None:
        """Go every way once, as the first time takes long, and forget it."""
        controls = Controls(pull=1.0, posed=0.5, latent=(0.1,))
        for given in (None, self._pixels, None):
            self.advance(controls, given)
            self.image(0.5, controls, given)
            self._prime()
        self._counts = dict.fromkeys(self._counts, 0)

    def _lay_over(self, controls: Controls) -> None:
        """Lay a stored pose and the offsets of knobs over what is shown."""
        if self.poses and controls.posed > 0.0:
            one, two = (min(max(number, 0), self.poses - 1) for number in (controls.pose_from, controls.pose_to))
            between(self._poses[one], self._poses[two], controls.scrub, self._pose)
            between(self._bare, self._pose, controls.posed, self._shown)
        for dim, offset in enumerate(controls.latent[: len(self._shown)]):
            self._shown[dim] += LATENT_SPAN * offset

    def _draw(self) -> None:
        """Decode what is shown; a picture that is none leaves the last one."""
        (light,) = self._decoder.run(self._shown[None])
        np.copyto(self._decoded, self._shown)
        if not to_grey(light[0, 0], self._pixels):
            self._counts["guarded"] += 1


def create(loaded: Loaded, device: str, seed: int) -> Latents:
    """Make the family for a vetted model.

    Raises:
        DeviceError: the device is not there.
        ModelError: an array or a setting is missing, or does not fit the description.
    """
    return Latents(loaded, device, seed)


def _size(spec: ModelSpec) -> Size:
    if spec.image is None:
        raise ModelError("figurant.spec: image", "none", "rows and columns of the pictures")
    if spec.head.kind == "frame" or spec.features != 2 * spec.head.dims:
        found = f"{spec.features} features and a head {spec.head.kind!r} of {spec.head.dims}"
        raise ModelError("figurant.spec", found, "a mixture, and twice as many features as it has dimensions")
    return spec.image


def _bank(loaded: Loaded, dims: int) -> F32:
    """Recorded moments (K, 3 D) as `lead` takes them; how a latent moved lately is as it goes on."""
    places = floats(loaded.arrays, "bank", (-1, dims))
    changes = floats(loaded.arrays, "bank_next", (len(places), dims))
    return np.ascontiguousarray(np.hstack([places, changes, changes]))


def _spacing(bank: F32) -> tuple[float, float]:
    """How far nearly all recorded latents (K, D) are from the others, and how far one may be that is still like them.

    The latter is at least the root of D, which is the length of most latents: recordings may be closer than models go.
    """
    root = float(bank.shape[1]) ** 0.5
    chosen = np.unique(np.linspace(0, len(bank) - 1, PROBES).astype(np.int64))
    apart = np.array([np.partition(np.linalg.norm(bank - bank[at], axis=1), 1)[1] for at in chosen if len(bank) > 1])
    if not len(apart):
        return 0.0, root
    return float(np.quantile(apart, NEARLY)), float(max(SLACK * apart.max(), root))


def _remembered(loaded: Loaded, primes: F32) -> tuple[F32, ...]:
    """What a model remembers that has seen the recorded stretches (N, L, D) but for their last steps."""
    if primes.shape[1] < 2:
        raise ModelError(place_of("primes"), f"an array {primes.shape}", "stretches of two frames or more")
    steps = np.concatenate([primes[:, 1:], np.diff(primes, axis=1)], axis=2)
    # On the processor: one pass over a few seconds does not repay starting a second session on a device.
    model = open_model(loaded, len(primes), "cpu")
    try:
        one = np.ones(len(primes), np.float32)
        for step in range(steps.shape[1] - 1):
            model.step(np.ascontiguousarray(steps[:, step]), one * np.float32(0.5), one, one)
        return model.state()
    finally:
        model.close()


def _decoder(loaded: Loaded, device: str, dims: int, size: Size) -> BoundGraph:
    graph = BoundGraph(octets(loaded.arrays, "decoder", (-1,)).tobytes(), device=device, place=place_of("decoder"))
    _check(graph, place_of("decoder"), (1, dims), (1, 1, size.height, size.width))
    return graph


def _encoder(loaded: Loaded, device: str, dims: int, size: Size) -> BoundGraph | None:
    if "encoder" not in loaded.arrays:
        return None
    place, picture = place_of("encoder"), (1, 1, size.height, size.width)
    graph = BoundGraph(octets(loaded.arrays, "encoder", (-1,)).tobytes(), device=device, place=place)
    _check(graph, place, picture, (1, dims))
    return graph


def _check(graph: BoundGraph, place: str, taken: tuple[int, ...], given: tuple[int, ...]) -> None:
    """Refuse a graph of other shapes than the model's."""
    found = [*graph.inputs.values()], [*graph.outputs.values()]
    if found != ([taken], [given]):
        graph.close()
        raise ModelError(place, f"{_told(found[0])} to {_told(found[1])}", f"{_told([taken])} to {_told([given])}")


def _told(shapes: list[tuple[int, ...]]) -> str:
    return " and ".join(" x ".join(str(size) for size in shape) for shape in shapes) or "nothing"
