"""Events: their envelopes, data, order and faults, and an institution's own messages made into them."""
