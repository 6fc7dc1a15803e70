"""Everything between a job and the first current."""
