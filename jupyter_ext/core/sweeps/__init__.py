"""Sweeps: v1's HyperDrive on this machine."""
