"""Runs one channel: instruments, plan, samples, a check of every sample, the journal."""
