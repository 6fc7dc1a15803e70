"""Profiles from and to the formats of other tools. What a format cannot say is refused by step."""

from station.exchange.cannot import CannotSay
from station.exchange.exporting import EXPORTS, export_profile
from station.exchange.importing import IMPORTS, Imported, import_profile

__all__ = ["EXPORTS", "IMPORTS", "CannotSay", "Imported", "export_profile", "import_profile"]
