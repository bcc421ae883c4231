"""The launcher's parts, which launcher.py puts together."""
