"""CAN databases that belong to the drivers, as package data."""
