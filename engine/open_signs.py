"""From a model file to an act that reads signs."""
