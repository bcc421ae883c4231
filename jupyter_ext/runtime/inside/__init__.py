"""What goes on PYTHONPATH inside a run: modules that a script imports by their own names."""
