"""The test language: what a test is, as data. Imports no other part of the project."""

from profiles.check import Checked, check_text
from profiles.errors import ProfileError
from profiles.library import builtin_names, load, locate
from profiles.model import Profile
from profiles.open_step import OpenStep
from profiles.over_time import Span, Timeline, timeline
from profiles.plan import CurrentLimits, End, Plan, Segment, SegmentRole, resolve

__all__ = [
    "Checked",
    "CurrentLimits",
    "End",
    "OpenStep",
    "Plan",
    "Profile",
    "ProfileError",
    "Segment",
    "SegmentRole",
    "Span",
    "Timeline",
    "builtin_names",
    "check_text",
    "load",
    "locate",
    "resolve",
    "timeline",
]
