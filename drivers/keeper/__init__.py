"""Frames that keep a pack awake, sent in time by a process that does nothing else.

A pack opens its contactors when they stay away for a few periods, so they must not wait for a window that
paints or a thread that computes. ``cyclic`` says what is sent, ``link`` is the driver's side,
``python -m drivers.keeper`` the process. It stops sending when nobody beats any more: a station that hangs
keeps no pack awake.
"""
