"""The nouns: workspace, environment, script run configuration, experiment, run, compute target, model."""
