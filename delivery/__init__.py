"""Builds what a site gets: a folder that needs nothing, or wheels for a computer without internet."""
