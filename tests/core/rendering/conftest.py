"""The run directories that these tests read."""

from parts.live_run import ended, live, running

__all__ = ["ended", "live", "running"]
