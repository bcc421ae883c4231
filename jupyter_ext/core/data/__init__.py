"""Datasets, datastores, and how a run gets what it reads."""
