"""The sections of a record as the stand-in keeps them: shape, vocabulary and rules of each (API_FACTS section 5)."""
