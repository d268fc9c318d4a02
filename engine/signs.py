"""Who reads signs in a show: the act, the gloves, and what steers it."""
