"""Environments: what one says, its versions, and its build."""
