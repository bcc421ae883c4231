"""Snapshots: a folder's files, kept by content."""
