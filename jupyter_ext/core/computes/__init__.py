"""Compute targets: where runs go."""
