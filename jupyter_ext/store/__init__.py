"""Where everything is kept: paths, records, the catalogue, snapshots, and what a reader sees grow."""
