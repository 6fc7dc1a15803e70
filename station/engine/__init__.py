"""Runs one channel: opens its instruments, plays the plan, samples, checks every sample, writes the journal."""
