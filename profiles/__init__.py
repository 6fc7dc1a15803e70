"""The test language: what a test is, as data. Imports no other part of the project."""

from profiles.errors import ProfileError
from profiles.library import builtin_names, load
from profiles.model import Profile
from profiles.open_step import OpenStep
from profiles.plan import CurrentLimits, End, Plan, Segment, SegmentRole, resolve

__all__ = [
    "CurrentLimits",
    "End",
    "OpenStep",
    "Plan",
    "Profile",
    "ProfileError",
    "Segment",
    "SegmentRole",
    "builtin_names",
    "load",
    "resolve",
]
