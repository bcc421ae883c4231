"""Datastores and datasets: their records, and the files that they name."""
