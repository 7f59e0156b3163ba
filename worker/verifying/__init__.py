"""Verifying: records as they are at ORCID, held against what we published there."""
