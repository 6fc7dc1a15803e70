"""Descriptions of families of packs, as package data."""
