"""Files that other programs open, one module for each format; `export.formats.table` knows them by suffix.

A module has `write(recording, path, options)`: it writes the whole recording into one new file at `path` and raises an
`EngineError` where the recording has nothing that the format can hold. Files are written under another name and moved
into place by the caller, so a writer may leave a broken file behind when it raises.
"""
