"""Scores that come with the engine, each known by its name without `.mid`; `tools/make_score.py` makes them."""
