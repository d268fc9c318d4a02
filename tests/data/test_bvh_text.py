import pytest

from engine.schema.errors import DataError
from export.data.bvh_text import parse


def test_a_file_is_read(bvh_text: str) -> None:
    bvh = parse("small.bvh", bvh_text)
    assert [node.name for node in bvh.nodes] == ["Hips", "LeftUpLeg", "LeftUpLeg_End", "RightUpLeg", "RightUpLeg_End"]
    assert [node.parent for node in bvh.nodes] == [-1, 0, 1, 0, 3]
    assert bvh.nodes[0].channels[3:] == ("Zrotation", "Xrotation", "Yrotation")
    assert bvh.nodes[2] == ("LeftUpLeg_End", 1, (0.0, -0.8, 0.0), ())
    assert bvh.values.shape == (3, 12)
    assert bvh.values[2, 5] == 90
    assert bvh.seconds == pytest.approx(1 / 30, rel=1e-5)


def test_case_spaces_and_line_ends_do_not_matter(bvh_text: str) -> None:
    loose = bvh_text.replace("JOINT", "joint").replace("Xrotation", "XROTATION").replace("\n", " \t\r\n\r\n")
    assert parse("loose", loose).nodes == parse("small", bvh_text).nodes


def test_two_end_sites_of_one_joint_get_two_names(bvh_text: str) -> None:
    twice = bvh_text.replace("        End Site", "        End Site { OFFSET 0 0 1 }\n        End Site", 1)
    assert [node.name for node in parse("twice", twice).nodes][2:4] == ["LeftUpLeg_End", "LeftUpLeg_End2"]


LEG = "        CHANNELS 3 Zrotation Xrotation Yrotation\n        End"

BROKEN = {
    "foreign": ("HIERARCHY", "<html>", 1, "'<html>'", "'HIERARCHY'"),
    "no root": ("ROOT", "JOINT", 2, "'JOINT'", "'ROOT'"),
    "no brace": ("LeftUpLeg\n    {", "LeftUpLeg\n", 8, "'OFFSET'", "'{'"),
    "name missing": ("JOINT LeftUpLeg", "JOINT", 7, "'{'", "a joint's name"),
    "name twice": ("RightUpLeg", "LeftUpLeg", 15, "a second joint 'LeftUpLeg'", "each once"),
    "offset short": ("OFFSET 0.1 0 0", "OFFSET 0.1 0", 9, "'CHANNELS'", "three numbers after OFFSET"),
    "offset nan": ("OFFSET 0.1 0 0", "OFFSET 0.1 nan 0", 8, "'nan'", "three numbers after OFFSET"),
    "offset word": ("OFFSET 0.1 0 0", "OFFSET 0,1 0 0", 8, "'0,1'", "three numbers after OFFSET"),
    "offset twice": ("OFFSET 0.1 0 0", "OFFSET 0.1 0 0 OFFSET", 8, "a second OFFSET in LeftUpLeg", "one"),
    "offset missing": ("            OFFSET 0 -0.8 0\n", "\n", 13, "'}' without OFFSET in LeftUpLeg_End", "OFFSET"),
    "count no number": ("CHANNELS 3", "CHANNELS three", 9, "'three'", "the number of channels"),
    "too few channels": ("CHANNELS 3", "CHANNELS 4", 9, "3 channels in LeftUpLeg", "4 different names"),
    "too many channels": ("CHANNELS 3", "CHANNELS 2", 9, "3 channels in LeftUpLeg", "2 different names"),
    "channel twice": ("3 Zrotation Xrotation", "3 Zrotation Zrotation", 9, "3 channels", "3 different names"),
    "channel unknown": ("3 Zrotation", "3 Wrotation", 9, "0 channels in LeftUpLeg", "like Xposition or Zrotation"),
    "channels twice": (
        "        End",
        "        CHANNELS 0\n        End",
        10,
        "a second CHANNELS in LeftUpLeg",
        "none here",
    ),
    "channels missing": (LEG, "        End", 13, "'}' without CHANNELS in LeftUpLeg (opened in line 6)", "CHANNELS"),
    "channels at the end": (
        "OFFSET 0 -0.8 0",
        "OFFSET 0 -0.8 0 CHANNELS 0",
        12,
        "CHANNELS in LeftUpLeg_End",
        "none here",
    ),
    "joint in an end": ("OFFSET 0 -0.8 0", "OFFSET 0 -0.8 0 JOINT x", 12, "'JOINT' in LeftUpLeg_End", "OFFSET or }"),
    "stray word": (
        "    JOINT Left",
        "    SCALE 1\n    JOINT Left",
        6,
        "'SCALE' in Hips",
        "OFFSET, CHANNELS, JOINT, End",
    ),
    "brace missing": ("}\nMOTION", "\nMOTION", 23, "the end of the file", "JOINT"),
    "brace too many": ("}\nMOTION", "}\n}\nMOTION", 25, "'}' after the root's }", "MOTION"),
    "second root": ("}\nMOTION", "}\nROOT Other\n{\n}\nMOTION", 25, "'ROOT' after the root's }", "one body"),
    "no frames": ("Frames: 3", "Frame Count 3", 26, "'Frame'", "'Frames:'"),
    "frames no number": ("Frames: 3", "Frames: -3", 26, "'-3'", "the number of frames"),
    "frames endless": ("Frames: 3", "Frames: 9999999999", 26, "'9999999999'", "the number of frames"),
    "no time": ("Frame Time: 0.0333333", "0 0 0", 27, "'0'", "'Frame'"),
    "time nan": ("0.0333333", "nan", 27, "'nan'", "the seconds of one frame"),
    "frames short": ("Frames: 3", "Frames: 4", 30, "3 frames", "4, as line 26 says"),
    "frames long": ("Frames: 3", "Frames: 2", 30, "3 frames", "2, as line 26 says"),
    "row short": ("0.1 0 0 0", "0.1 0 0", 29, "11 numbers", "12, one for each channel"),
    "row long": ("0.1 0 0 0", "0.1 0 0 0 0", 29, "13 numbers", "12, one for each channel"),
    "row word": ("0.1 0 0 0", "0.1 0 0 x", 29, "'x' for Hips Zrotation", "a number"),
    "row nan": ("0 0 90 0", "0 0 90 NaN", 30, "NaN for LeftUpLeg Zrotation", "a finite number"),
    "row inf": ("0.2 0", "-inf 0", 30, "-inf for Hips Xposition", "a finite number"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_mistake_is_told_with_its_line(bvh_text: str, case: str) -> None:
    old, new, line, found, expected = BROKEN[case]
    assert old in bvh_text
    with pytest.raises(DataError) as caught:
        parse("dance.bvh", bvh_text.replace(old, new, 1))
    error = caught.value
    assert error.place == f"dance.bvh:{line}"
    assert found in error.found
    assert expected in error.expected
    assert "\n" not in str(error)


@pytest.mark.parametrize("text", ["", "HIERARCHY", "HIERARCHY\nROOT", "HIERARCHY\nROOT Hips\n{\nOFFSET 0"])
def test_a_file_that_stops_is_told(text: str) -> None:
    with pytest.raises(DataError, match=r"the end of the file; expected .*cut off"):
        parse("dance.bvh", text)


def test_every_beginning_of_a_file_is_refused(bvh_text: str) -> None:
    for length in range(0, len(bvh_text.rstrip()) - 1, 7):
        with pytest.raises(DataError):
            parse("dance.bvh", bvh_text[:length])


def test_a_file_without_motion_is_refused(bvh_text: str) -> None:
    with pytest.raises(DataError, match=r"dance.bvh:24: the end of the file; expected MOTION"):
        parse("dance.bvh", bvh_text[: bvh_text.index("MOTION")])
