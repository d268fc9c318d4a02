"""Recorded gestures, and where a sign begins and ends in a stream of samples; pure but for reading files."""
