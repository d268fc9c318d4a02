"""Takes: what a show played, in files that Foxglove opens (MCAP, https://mcap.dev), written while it plays."""
