"""The benchmark of videos: what it counts."""

import bench_video
from recordings import recorded


def test_a_video_is_measured_in_all_its_parts() -> None:
    speeds = bench_video.measured(recorded(4), (64, 48))
    assert all(speed > 0 for speed in speeds)


def test_sizes_and_performers_are_read() -> None:
    asked = bench_video._parser().parse_args(["--size", "640x360", "--performers", "1,8"])
    assert (asked.size, asked.performers) == ((640, 360), [1, 8])
