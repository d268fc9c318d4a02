"""MP4: H.264, 4:2:0 in BT.709, at the recording's own rate; it begins to play while it is still being loaded."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange

from export.drawing.paintings import Paintings
from export.drawing.palette import Colour
from export.drawing.scene import Scene, Wanted
from export.drawing.strokes import Picture
from export.formats.options import Options
from export.recording import Recording

PICTURES = True

QUALITY = "19"
"""Constant rate factor of x264: no difference to the drawing is seen."""

SPEED = {"preset": "veryfast", "subq": "1"}
"""Of x264. Parts of a pixel are not looked for as carefully as the preset would: a fifth less work, 3 % more bytes."""

PIXELS = "yuv420p"
"""What every player shows."""

AHEAD = 4
"""Pictures that are drawn and wait to be encoded, at most."""

BT709 = 1
"""Number of this standard in H.264 (Recommendation H.264, tables E-3 to E-5): without it players guess the colours."""

BRIGHTNESS: Colour = (0.0722 * 219 / 255, 0.7152 * 219 / 255, 0.2126 * 219 / 255)
BLUENESS: Colour = (0.5 * 224 / 255, -0.7152 / 1.8556 * 224 / 255, -0.2126 / 1.8556 * 224 / 255)
REDNESS: Colour = (-0.0722 / 1.5748 * 224 / 255, -0.7152 / 1.5748 * 224 / 255, 0.5 * 224 / 255)
"""Weights of blue, green and red in the three numbers of a pixel (BT.709, section 3; limited range, section 4)."""

DENOMINATOR = 1001
"""Largest of a rate's fraction: 30000/1001 is kept."""


def write(
    recording: Recording, path: Path, options: Options, *, progress: Callable[[float], object] | None = None
) -> None:
    """Write a video; H.264 halves sides: odd ones lose a line, those of a model gain one.

    Raises:
        ConfigError: a size that pictures cannot have.
        DataError: neither bodies nor notes nor pictures.
    """
    title = options.named(recording.name)
    size, draw = _drawn(recording, options, title)
    pictures = (draw(frame) for frame in range(recording.frames))
    with film(path, size, recording.fps, _about(recording, title)) as encode:
        for count, _ in enumerate(_beside(encode, pictures), 1):
            if progress is not None:
                progress(count / recording.frames)


def _drawn(recording: Recording, options: Options, title: str) -> tuple[tuple[int, int], Callable[[int], Picture]]:
    """Width and height, and what draws a frame."""
    if recording.pictures is None:
        width, height = (side - side % 2 for side in options.size)
        return (width, height), Scene(recording, Wanted((width, height), title, options.trails)).draw
    paintings = Paintings(recording, options)
    width, height = paintings.size
    more = ((0, height % 2), (0, width % 2), (0, 0))
    return (width + width % 2, height + height % 2), lambda frame: np.pad(paintings.draw(frame), more, "edge")


@contextmanager
def film(
    path: Path, size: tuple[int, int], fps: float, about: Mapping[str, str]
) -> Iterator[Callable[[Picture], None]]:
    """A new video; what it gives takes the pictures, one after the other."""
    # A path is no address: `a:b.mp4` would be one.
    with av.open(f"file:{path}", "w", format="mp4", options={"movflags": "+faststart"}) as container:
        container.metadata.update(about)
        stream = container.add_stream("libx264", Fraction(fps).limit_denominator(DENOMINATOR))
        (stream.width, stream.height), stream.pix_fmt = size, PIXELS
        stream.options = {**SPEED, "crf": QUALITY}
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = ColorRange.MPEG
        yield lambda picture: container.mux(stream.encode(av.VideoFrame.from_ndarray(planes(picture), PIXELS)))
        container.mux(stream.encode(None))


def planes(picture: Picture) -> Picture:
    """A picture (H, W, 3) as H.264 has it (3 H / 2, W): brightness, then blue and red against it, a quarter each.

    BT.709 in limited range, as FFmpeg's own conversion has it within 2, in less than half of its time.
    """
    height, width = picture.shape[:2]
    found = np.empty((height * 3 // 2, width), np.uint8)
    _mix(picture, BRIGHTNESS, 16.0, found[:height])
    small = np.asarray(cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.uint8)
    colours = found[height:].reshape(2, height // 2, width // 2)
    _mix(small, BLUENESS, 128.0, colours[0])
    _mix(small, REDNESS, 128.0, colours[1])
    return found


def _mix(picture: Picture, weights: Colour, offset: float, found: Picture) -> None:
    """A sum of the channels, weighted."""
    (blue, green, red), (of_blue, of_green, of_red) = cv2.split(picture), weights
    cv2.addWeighted(red, of_red, green, of_green, offset, dst=found)
    cv2.addWeighted(found, 1.0, blue, of_blue, 0.0, dst=found)


def _beside(work: Callable[[Picture], None], pictures: Iterator[Picture]) -> Iterator[None]:
    """Work on pictures in order, in another thread, while the next ones are drawn; yields after each picture."""
    with ThreadPoolExecutor(1) as thread:
        waiting: deque[Future[None]] = deque()
        for picture in pictures:
            waiting.append(thread.submit(work, picture))
            if len(waiting) > AHEAD:
                waiting.popleft().result()
                yield
        for last in waiting:
            last.result()
            yield


def _about(recording: Recording, title: str) -> dict[str, str]:
    about = {
        "title": title or recording.name,
        "copyright": recording.credit,
        "comment": recording.made,
        "encoding_tool": "figurant",
    }
    return {key: text for key, text in about.items() if text}
