"""Questions to all results together: yield, spread, repeatability, and channels that read otherwise."""
