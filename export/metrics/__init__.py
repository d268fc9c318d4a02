"""Measures of a performance, and the baselines beside them."""
