"""The simulated instruments. Each speaks its real wire protocol, written from public facts."""
