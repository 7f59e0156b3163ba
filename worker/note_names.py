"""The names of the store's notes: small durable facts that all processes share."""

STOPPED = "stopped"
"""All sending is held back, until when and why: something is wrong with us, not with one record."""

RECOVERY = "recovery-since"
"""Since when the store counts as lost or restored: records are listed before anything is added to them."""

RESTORED = "restored-at"
"""When a backup was put in place of the state: whoever was reading for the one before has to go back."""

FIRST_SEND = "first-send"
"""An operator has seen the counts and allowed a new state to write real records."""

POLICY = "policy"
"""A digest of what planning goes by besides facts; when it changes, everybody is looked at again."""

UNSEEN = "rewrites-unseen"
"""Mapping or policy changed, and nobody looked yet at what that rewrites without an event."""

PAUSED = "paused"
"""Everything is paused (`orcid-sync pause`)."""
