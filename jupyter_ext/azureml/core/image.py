"""``azureml.core.image``: what names an image of a web service; making one is refused."""

from __future__ import annotations

from jupyter_ext.core.models.serving import ContainerImage, Image

__all__ = ["ContainerImage", "Image"]
