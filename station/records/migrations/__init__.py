"""Alembic migrations, shipped inside the package and run when the records are opened."""

HEAD = "0012"
"""The newest revision this program knows."""
