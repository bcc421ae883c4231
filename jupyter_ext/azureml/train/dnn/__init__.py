"""``azureml.train.dnn``."""

from __future__ import annotations

from jupyter_ext.azureml.train._distributed import Gloo, Mpi, Nccl, ParameterServer
from jupyter_ext.azureml.train._framework import Chainer, PyTorch, TensorFlow

__all__ = ["Chainer", "Gloo", "Mpi", "Nccl", "ParameterServer", "PyTorch", "TensorFlow"]
