"""The alarm list of a bench: one for every client, with the states of ISA-18.2 (docs/alarms.md)."""

from station.service.alarms.alarm import Alarm
from station.service.alarms.book import AlarmBook
from station.service.alarms.table import TRANSITIONS, AlarmEvent, AlarmState

__all__ = ["TRANSITIONS", "Alarm", "AlarmBook", "AlarmEvent", "AlarmState"]
