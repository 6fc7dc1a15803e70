"""The wires: addresses, line transports (TCP, VISA), CAN buses, and SCPI text helpers."""
