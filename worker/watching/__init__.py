"""Watching: logs, counts and metrics."""
