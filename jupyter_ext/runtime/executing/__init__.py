"""The parts of run_notebook.py."""
