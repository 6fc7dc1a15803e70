"""The page of codes: what they say, what belongs together, second lives, corrections, conflicts."""
