"""Nodes on a Ray cluster: an actor on each calls the same process or container code as on this machine."""
