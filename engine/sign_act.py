"""One model reading signs, from samples to labels; pure but for what it keeps."""
