"""The operator window: one page that shows the bench and asks the service, nothing else."""
