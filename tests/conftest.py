"""How many examples a property is tried with where its test does not say."""

from __future__ import annotations

from hypothesis import settings

from tests.deep import usual_or_deep

# No deadline of one example: what computes may have to wait for a bench (``tests/whole.py``).
settings.register_profile("usual", max_examples=50, deadline=None)
settings.register_profile("deep", max_examples=1000, deadline=None)
settings.load_profile(usual_or_deep("usual", "deep"))
