"""The run journal: written, read back, gone on with, and made into the run file."""
