"""Workspaces, experiments and secrets."""
