"""Permission: what researchers allow us: consent, order, tokens, requests, and its end."""
