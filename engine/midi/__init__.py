"""Standard MIDI Files: bytes, ticks and strokes become scores."""
