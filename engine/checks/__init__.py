"""What `engine doctor` looks at, beyond the engine's own files: rights, the timer, and how the machine saves power."""
