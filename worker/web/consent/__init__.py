"""Consent: the pages on which researchers give permission. What a step means is decided in worker/permission/."""
