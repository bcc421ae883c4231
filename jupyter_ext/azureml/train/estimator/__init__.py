"""``azureml.train.estimator``."""

from __future__ import annotations

from jupyter_ext.azureml.train._distributed import Gloo, Mpi, Nccl, ParameterServer
from jupyter_ext.azureml.train._estimator import Estimator

__all__ = ["Estimator", "Gloo", "Mpi", "Nccl", "ParameterServer"]
