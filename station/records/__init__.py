"""The records: batteries, runs, results, raw files, and a hash-chained log of events."""

from station.records.database import DATABASE_NAME
from station.records.repository import Records, open_records

__all__ = ["DATABASE_NAME", "Records", "open_records"]
