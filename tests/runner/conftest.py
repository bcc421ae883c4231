"""What these tests share."""

from parts.remote_data import bucket, s3, site
from parts.submitting import folder, in_folder, pycache, workspace

__all__ = ["bucket", "folder", "in_folder", "pycache", "s3", "site", "workspace"]
