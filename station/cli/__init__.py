"""The command line: a client of the service, and the only part that knows the simulators."""
