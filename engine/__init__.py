"""figurant's engine: plays recurrent models live, one frame at a time."""

__version__ = "0.1.0"
