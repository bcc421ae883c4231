"""What these tests share."""

from parts.submitting import folder, in_folder, pycache, workspace

__all__ = ["folder", "in_folder", "pycache", "workspace"]
