"""Readers of recordings; every one gives clips."""
