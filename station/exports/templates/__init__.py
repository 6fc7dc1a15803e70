"""Templates that ship."""
