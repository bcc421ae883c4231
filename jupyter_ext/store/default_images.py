"""The images that SDK v1 starts from where none is named."""

DEFAULT_CPU_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20251130.v1"
DEFAULT_GPU_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8-cudnn8-ubuntu22.04"
DEFAULT_IMAGES = (DEFAULT_CPU_IMAGE, DEFAULT_GPU_IMAGE)
