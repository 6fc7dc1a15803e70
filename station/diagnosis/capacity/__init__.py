"""Capacity from a full discharge: charge counted over samples, with what is not known of it."""

from station.diagnosis.capacity.count import CountedCharge, CurrentAccuracy, count_charge
from station.diagnosis.capacity.cycles import Discharge, MeasuredCapacity, Refusal, measured_capacity

__all__ = [
    "CountedCharge",
    "CurrentAccuracy",
    "Discharge",
    "MeasuredCapacity",
    "Refusal",
    "count_charge",
    "measured_capacity",
]
