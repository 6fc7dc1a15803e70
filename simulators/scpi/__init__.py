"""Core shared by the simulated instruments that speak SCPI over a raw TCP socket."""
