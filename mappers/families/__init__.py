"""Families of record events: for each entity the data it brings and the documents that these become."""
