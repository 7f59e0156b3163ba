"""Sending: lanes that send calls side by side, and the HTTP client beneath them."""
