"""Ways on which pictures leave: one file each, found by its name."""
