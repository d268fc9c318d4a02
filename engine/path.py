"""Where the memory of a network is on its map: a small encoder beside the step."""
