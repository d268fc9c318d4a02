"""From screens as they are written to what shows pictures."""
