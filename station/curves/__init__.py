"""Curves that stay drawable at any length: pyramids of least and greatest values."""

from __future__ import annotations

from station.curves.buckets import POINTS, Buckets
from station.curves.pyramid import Pyramid
from station.curves.stored import StoredCurve
from station.curves.wire import from_message, to_message

__all__ = ["POINTS", "Buckets", "Pyramid", "StoredCurve", "from_message", "to_message"]
