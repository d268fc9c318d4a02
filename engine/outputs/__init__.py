"""What a wire wants: one file per protocol."""
