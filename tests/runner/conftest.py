"""What these tests share."""

from parts.gangs import boxed, client, given, mpi_image, torch_docker, torch_interpreter, with_torch
from parts.ray_cluster import cluster
from parts.remote_data import bucket, s3, site
from parts.submitting import folder, in_folder, pycache, workspace

__all__ = [
    "boxed",
    "bucket",
    "client",
    "cluster",
    "folder",
    "given",
    "in_folder",
    "mpi_image",
    "pycache",
    "s3",
    "site",
    "torch_docker",
    "torch_interpreter",
    "with_torch",
    "workspace",
]
