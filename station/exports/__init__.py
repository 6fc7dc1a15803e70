"""What leaves the station: runs as tables and documents, passport fields, and what traceability platforms
are told."""
