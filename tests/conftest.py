"""How many examples a property is tried with where its test does not say."""

from __future__ import annotations

import os

from hypothesis import settings

from tests.deep import DEEP

# No deadline of one example: what computes may have to wait for a bench (``tests/whole.py``).
settings.register_profile("usual", max_examples=50, deadline=None)
settings.register_profile("deep", max_examples=1000, deadline=None)
settings.load_profile("deep" if os.environ.get(DEEP) else "usual")
