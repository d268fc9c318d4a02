"""Pure geometry of bodies; right-handed, Y up, metres, quaternions x y z w."""
