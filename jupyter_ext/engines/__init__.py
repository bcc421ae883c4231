"""Where ranks execute: the launcher of a node, as a process or in a container."""
