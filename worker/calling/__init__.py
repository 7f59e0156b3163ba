"""Calling: the requests that carry out steps, and what their replies mean. Pure."""
