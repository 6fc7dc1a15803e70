"""Learned estimators: stored as plain arrays, checked when loaded, learned again by ``station learn``.

Nothing is imported here: rule sets and check lists lie below, and a program that needs only those does not
load the numerics.
"""
