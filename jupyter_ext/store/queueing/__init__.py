"""Who may start: the line for node slots, its order, and the GPUs that runs hold."""
