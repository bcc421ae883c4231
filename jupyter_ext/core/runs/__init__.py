"""Runs: what they were asked, how they do, and what they leave."""
