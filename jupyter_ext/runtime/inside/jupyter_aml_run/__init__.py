"""What ``azureml.core.Run`` does inside a run; the host shares what reads and writes a run directory."""
