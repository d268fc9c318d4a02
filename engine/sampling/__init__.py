"""Noise and the sampling of mixtures."""
