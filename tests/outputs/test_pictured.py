"""Pictures over OSC: latent numbers, and a copy as small as a datagram."""

import numpy as np
import pytest
from outputs.reference import of, parse, plain, read

from engine.contracts import MAX_DATAGRAM
from engine.imagery import MOST_LATENTS
from engine.outputs._image import BLOB, copied
from engine.outputs.native import Native, Options
from engine.outputs.td import Options as Channels
from engine.outputs.td import TouchDesigner
from engine.runtime.bodiless import NOBODY
from engine.schema.frame import F32, U8, Frame, Image

LONGEST_ROOT = "/" + "a" * 63


def frame(pixels: U8, latent: F32 | None = None) -> Frame:
    return Frame(1, 33, NOBODY, (), (), image=Image(pixels, latent))


def grey(height: int, width: int) -> U8:
    return np.random.default_rng(1).integers(0, 256, (height, width), np.uint8)


def test_latent_numbers_are_a_message_of_floats() -> None:
    native, latent = Native(of(None), []), np.array([0.5, -2.0, 3.25], np.float32)
    for shown in (latent, -latent, latent[:2]):
        [sent] = plain(native.datagrams(frame(grey(4, 4), shown)))
        assert parse(sent) == {"/engine/latent": tuple(shown)}
    assert native.datagrams(frame(grey(4, 4))) == []


@pytest.mark.parametrize("count", [1, 32, 128, MOST_LATENTS, MOST_LATENTS + 100])
def test_latent_numbers_fit_a_datagram(count: int) -> None:
    latent = np.arange(count, dtype=np.float32)
    [sent] = plain(Native(of(None), [], LONGEST_ROOT).datagrams(frame(grey(4, 4), latent)))
    assert len(sent) <= MAX_DATAGRAM
    assert parse(sent) == {f"{LONGEST_ROOT}/latent": tuple(latent[:MOST_LATENTS])}


def test_latent_numbers_that_are_none_stay() -> None:
    native = Native(of(None), [])
    assert native.datagrams(frame(grey(4, 4), np.array([0.0, np.nan], np.float32))) == []
    sound = native.datagrams(frame(grey(4, 4), np.array([0.0, 1.0], np.float32)))
    assert len(sound) == 1


@pytest.mark.parametrize("size", [(120, 208), (64, 64), (16, 24), (1, 4096), (4096, 1), (4096, 4096), (37, 91)])
def test_a_small_copy_has_the_means_of_what_it_covers(size: tuple[int, int]) -> None:
    pixels = grey(*size)
    native = Native(of(None), [], LONGEST_ROOT, Options(thumbnail=True))
    native.datagrams(frame(grey(3, 5)))
    [sent] = plain(native.datagrams(frame(pixels)))
    assert len(sent) <= MAX_DATAGRAM
    [message] = read(sent)
    width, height, greys = message.params
    assert (height, width) == copied(*size)
    assert len(greys) == width * height <= BLOB
    small = np.frombuffer(greys, np.uint8).reshape(height, width)
    assert abs(float(small.mean()) - float(pixels.mean())) < 1.0
    if size[0] % height == size[1] % width == 0:
        whole = pixels.reshape(height, size[0] // height, width, size[1] // width).mean((1, 3))
        np.testing.assert_allclose(small, whole, atol=0.51)


def test_a_small_copy_is_no_larger_than_the_picture_and_as_large_as_fits() -> None:
    assert copied(16, 24) == (16, 24)
    assert copied(120, 208) == (28, 48)
    [message] = read(Native(of(None), [], "/engine", Options(thumbnail=True)).datagrams(frame(grey(16, 24)))[0])
    assert np.array_equal(np.frombuffer(message.params[2], np.uint8).reshape(16, 24), grey(16, 24))


def test_touchdesigner_has_a_channel_for_each_latent_number() -> None:
    output = TouchDesigner(of(None), [], Channels())
    for latent in (np.array([0.5, -1.0], np.float32), np.array([np.nan, 2.0], np.float32)):
        sent = plain(output.datagrams(frame(grey(4, 4), latent)))
        heard = {name: value for datagram in sent for name, (value,) in parse(datagram).items()}
        assert heard == {"/latent0": float(np.nan_to_num(latent[0])), "/latent1": float(latent[1])}
    many = plain(output.datagrams(frame(grey(4, 4), np.zeros(128, np.float32))))
    assert all(len(datagram) <= MAX_DATAGRAM for datagram in many)
