"""What MLflow asks of a workspace."""
