"""The page of questions to all results together."""
