"""From a model file to an act of pictures."""
