"""Pictures that come in: folders, films, stacks of arrays, cameras."""
