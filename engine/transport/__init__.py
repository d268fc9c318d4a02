"""Sockets; no protocol."""
