"""ORCID's authorization server: consent, tokens, revocation (API_FACTS sections 7.1 to 7.4)."""
