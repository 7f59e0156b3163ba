"""Intake: events into the store."""
