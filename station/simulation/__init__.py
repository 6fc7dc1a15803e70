"""The simulated instruments of a bench file: what each must be told, and the program that plays them.

It starts ``simulators`` as a program and imports none of it.
"""

from station.simulation.simulated_bench import SimulatedBench, simulation_config, with_free_ports, write_bench

__all__ = ["SimulatedBench", "simulation_config", "with_free_ports", "write_bench"]
