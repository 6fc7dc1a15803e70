"""Many stations, one site: what each station tells, and how it arrives once and only once.

A station works without the network. Every run that has ended, or has changed since, waits in the outbox of
its own records, put there by the very transaction that ended or changed it; a forwarder takes them to the
site's database whenever that can be reached. The site keeps every revision under (station, run, revision):
what arrives twice is the same row, and two stations can never mean the same one.
"""
