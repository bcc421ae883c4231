"""Supervises one run from Preparing to its end, as a process of its own."""
