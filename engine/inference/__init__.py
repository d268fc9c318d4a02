"""Stepping a recurrent model."""
