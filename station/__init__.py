"""The application: bench file, engine, safety, diagnosis, records, service, window, command line."""

__version__ = "0.1.0"
