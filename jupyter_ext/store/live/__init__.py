"""What a reader sees of a run while it grows: its logs, metrics, nodes, files and story."""
