"""The pages behind the operator's page: for people with a role."""
