"""The test language: what a test is, as data. Imports no other part of the project.

The classes named here build the same model as a YAML file does: ``Profile(name=…, steps=[Rest(…), …])``.
"""

import profiles.calling  # noqa: F401 - it says who reads what steps call
from profiles.check import Checked, check_text
from profiles.errors import ProfileError
from profiles.library import builtin_names, load, locate
from profiles.limits import ProfileLimits, RoleLimits
from profiles.model import Parameter, Profile, Source, Title
from profiles.open_step import OpenStep
from profiles.over_time import Span, Timeline, timeline
from profiles.plan import CurrentLimits, End, Junction, Plan, Segment, SegmentRole, resolve
from profiles.stand_in import stand_in_capacity_Ah
from profiles.step_base import Recording
from profiles.steps import (
    Adaptive,
    AdaptiveGoal,
    BmsRequest,
    CallProfile,
    CapacityTest,
    CcCv,
    ConstantCurrent,
    ConstantCurrentUntil,
    ConstantPower,
    ConstantResistance,
    ConstantVoltage,
    ContactCheck,
    CurrentTable,
    HppcBlock,
    If,
    Loop,
    MultiSine,
    OcvCheck,
    OcvWait,
    Prbs,
    Prompt,
    Pulse,
    PulsePair,
    PulseTrain,
    Ramp,
    Repeat,
    RepeatUntil,
    Rest,
    SetValue,
    WaitTemperature,
)
from profiles.steps_wait import Words
from profiles.text import to_yaml

__all__ = [
    "Adaptive",
    "AdaptiveGoal",
    "BmsRequest",
    "CallProfile",
    "CapacityTest",
    "CcCv",
    "Checked",
    "ConstantCurrent",
    "ConstantCurrentUntil",
    "ConstantPower",
    "ConstantResistance",
    "ConstantVoltage",
    "ContactCheck",
    "CurrentLimits",
    "CurrentTable",
    "End",
    "HppcBlock",
    "If",
    "Junction",
    "Loop",
    "MultiSine",
    "OcvCheck",
    "OcvWait",
    "OpenStep",
    "Parameter",
    "Plan",
    "Prbs",
    "Profile",
    "ProfileError",
    "ProfileLimits",
    "Prompt",
    "Pulse",
    "PulsePair",
    "PulseTrain",
    "Ramp",
    "Recording",
    "Repeat",
    "RepeatUntil",
    "Rest",
    "RoleLimits",
    "Segment",
    "SegmentRole",
    "SetValue",
    "Source",
    "Span",
    "Timeline",
    "Title",
    "WaitTemperature",
    "Words",
    "builtin_names",
    "check_text",
    "load",
    "locate",
    "resolve",
    "stand_in_capacity_Ah",
    "timeline",
    "to_yaml",
]
