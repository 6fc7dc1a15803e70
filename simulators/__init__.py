"""The other side of the wire: battery physics, instruments, BMS, faults, and a whole bench.

Written from public protocol facts, never from the drivers; imports no other part of the project.
"""
