"""The command line: each command parses its arguments, calls one part, and prints."""

from worker.cli.app import main

__all__ = ["main"]
