"""Samples and scans at their deadlines, every one checked."""
