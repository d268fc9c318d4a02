"""What stands on a command line about the files that are written; `export.formats.options` reads it."""

from typing import Annotated

import typer

Size = Annotated[str, typer.Option(help="of pictures and videos: width x height, pixels")]
Title = Annotated[str | None, typer.Option(help="of pictures and videos; default the name, '' none")]
Trails = Annotated[bool, typer.Option(help="pictures and videos show where hands and feet were")]
Unit = Annotated[str, typer.Option(help="of lengths in BVH: cm or m")]
Scale = Annotated[
    str | None,
    typer.Option(help="of a model's pictures: a whole factor, or what they are fitted into, such as 1920x1080"),
]
Filter = Annotated[str, typer.Option("--filter", help="how a model's pictures grow: nearest or bicubic")]
Invert = Annotated[bool, typer.Option("--invert", help="a model's pictures: black and white change places")]
Colormap = Annotated[str, typer.Option(help="a model's pictures in colours: ink, ember, ice, neon or sepia")]
