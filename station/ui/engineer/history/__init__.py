"""Runs on record: the search, and one run opened."""
