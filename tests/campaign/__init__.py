"""Faults × moments × channel kinds, through the wire: ``python -m tests.campaign``."""
