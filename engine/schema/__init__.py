"""Values that cross borders: frames, skeletons, model descriptions, errors."""
