"""MP4: H.264, 4:2:0 in BT.709, at the recording's own rate; it begins to play while it is still being loaded."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
from av.video.reformatter import ColorRange, Colorspace

from export.drawing.scene import Scene, Wanted
from export.drawing.strokes import Picture
from export.formats.options import Options
from export.recording import Recording

QUALITY = "19"
"""Constant rate factor of x264: no difference to the drawing is seen."""

PRESET = "veryfast"
"""Of x264: encodes beside the drawing without holding it up."""

AHEAD = 4
"""Pictures that are drawn and wait to be encoded, at most."""

BT709 = 1
"""Number of this standard in H.264 (Recommendation H.264, tables E-3 to E-5): without it players guess the colours."""

DENOMINATOR = 1001
"""Largest of a rate's fraction: 30000/1001 is kept."""


def write(
    recording: Recording, path: Path, options: Options, *, progress: Callable[[float], object] | None = None
) -> None:
    """Write a video; odd sizes are rounded down, as H.264 halves them.

    Raises:
        ConfigError: a size that pictures cannot have.
        DataError: neither bodies nor notes.
    """
    width, height = (side - side % 2 for side in options.size)
    title = recording.name if options.title is None else options.title
    scene = Scene(recording, Wanted((width, height), title, options.trails))
    pictures = (scene.draw(frame) for frame in range(recording.frames))
    with film(path, (width, height), recording.fps, _about(recording, title)) as encode:
        for count, _ in enumerate(_beside(encode, pictures), 1):
            if progress is not None:
                progress(count / recording.frames)


@contextmanager
def film(
    path: Path, size: tuple[int, int], fps: float, about: Mapping[str, str]
) -> Iterator[Callable[[Picture], None]]:
    """A new video; what it gives takes the pictures, one after the other."""
    # A path is no address: `a:b.mp4` would be one.
    with av.open(f"file:{path}", "w", format="mp4", options={"movflags": "+faststart"}) as container:
        container.metadata.update(about)
        stream = container.add_stream("libx264", Fraction(fps).limit_denominator(DENOMINATOR))
        (stream.width, stream.height), stream.pix_fmt = size, "yuv420p"
        stream.options = {"preset": PRESET, "crf": QUALITY}
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = ColorRange.MPEG
        yield lambda picture: container.mux(stream.encode(_frame(picture)))
        container.mux(stream.encode(None))


def _frame(picture: Picture) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(picture, "bgr24")
    return frame.reformat(
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
    )


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
