"""From a take to a stage that plays it again: its frames, or its models from the recorded seeds and controls."""
