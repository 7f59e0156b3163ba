"""The stand-in's people, for the same documents sent to it."""

from tests.sandbox.conftest import control, http, person, shared_sandbox

__all__ = ["control", "http", "person", "shared_sandbox"]
