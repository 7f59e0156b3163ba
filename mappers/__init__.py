"""Pure mapping: from change events to the documents that an ORCID record shall hold."""
