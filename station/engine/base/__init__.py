"""What every part of the engine needs: the job, flags, clocks, lines to guard and service."""
