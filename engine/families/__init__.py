"""What a model means: one file per model family."""
