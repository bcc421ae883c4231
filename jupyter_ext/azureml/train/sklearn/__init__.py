"""``azureml.train.sklearn``."""

from __future__ import annotations

from jupyter_ext.azureml.train._framework import SKLearn

__all__ = ["SKLearn"]
