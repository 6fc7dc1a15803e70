"""Guided connection: checklist, photos and a look at the leads before a start (docs/connecting.md)."""

from station.service.connection.desk import ConnectionDesk
from station.service.connection.looks import Looks

__all__ = ["ConnectionDesk", "Looks"]
