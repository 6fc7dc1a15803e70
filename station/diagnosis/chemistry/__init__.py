"""Which chemistry a cell has, from its voltages."""
