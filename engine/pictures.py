"""The side of a show that shows pictures: its act, what it is given, and its screens."""
