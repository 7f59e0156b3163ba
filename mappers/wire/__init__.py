"""What goes over the wire: documents as ORCID's messages in every version and format, and its replies read back."""
