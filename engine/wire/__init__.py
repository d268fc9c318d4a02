"""Bytes on the wire; no sockets."""
