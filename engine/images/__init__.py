"""Pictures as arrays: drawn from bodies, scaled, coloured, compressed; pure."""
