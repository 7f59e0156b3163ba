"""Tracing: the way of each event, from its taking to the calls that it led to, as spans of one trace."""
