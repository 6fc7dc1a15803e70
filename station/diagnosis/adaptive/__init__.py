"""What to measure next, and when the answer is good enough."""
