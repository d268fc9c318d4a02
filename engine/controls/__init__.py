"""What comes in from outside, one file per protocol."""
