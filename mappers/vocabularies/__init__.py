"""The vocabularies that ORCID knows, and the ways there from other systems' terms (API_FACTS.md 5.9)."""
