"""Instrument drivers: contracts per category, transports, one file per model.

Everything here talks to hardware and imports no other part of the project.
"""
