"""A profile in plain words, Chinese or English."""

from profiles.explaining.explain import Line, explain

__all__ = ["Line", "explain"]
