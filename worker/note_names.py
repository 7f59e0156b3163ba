"""The names of the store's notes: small durable facts that all processes share."""

CIRCUIT = "circuit"
"""All sending is held back, why and until when (worker/calling/circuit.py): it is not one record's trouble."""

RECOVERY = "recovery-since"
"""Since when the store counts as lost or restored: records are listed before anything is done there."""

RESTORED = "restored-at"
"""When a backup was put in place of the state: whoever was reading for the one before has to go back."""

FIRST_SEND = "first-send"
"""An operator has seen the counts and allowed a new state to write real records."""

POLICY = "policy"
"""A digest of what planning goes by besides facts; when it changes, everybody is looked at again."""

UNSEEN = "rewrites-unseen"
"""Which change of mapping or policy was the last that may rewrite without an event; another text each time."""

SEEN = "rewrites-seen"
"""How far the look at that has come: of which change, by which mapping and policy, the last person, or null, and
whether no process that goes by something else was there."""

VERDICTS = "rewrites-verdicts"
"""What was decided of the holds that a mapping made, while it is carried out, and the last person it was done for."""

REMOVALS_DECIDED = "removals-decided "
"""Before a source: up to which numbers an operator decided on its held removals (worker/recording/removal_holds.py)."""

REMOVALS_NAMED = "removals-named "
"""Before a source: which adopted items the id named by which some of them were decided on, until all are."""

REPLICA = "replica "
"""Before the name of a daemon: what it goes by, and when it last said so (worker/company.py)."""

OWED = "anew-owed"
"""That all is to be mapped anew: by daemons that go by what, which time it is, and who is at it (worker/company.py)."""

FLOOD = "flood"
"""Why no topic is read until an operator says so: most of it can't be taken (worker/intake/flood.py)."""

FLOOD_APPROVED = "flood-approved"
"""When an operator had everything read on, whatever becomes of it."""

LAST_SUCCESS = "last-success"
"""When a call last changed a record, in any process."""

DRIFT = "drift"
"""How many differences between records and what we published the last look at everybody left for somebody to mend."""

REVOKED = "drift-revoked"
"""Of how many people ORCID alone knew, at the last look at everybody, that their permission has ended."""

COUNTS = "counts"
"""What one process counted for all: items, people and grants by state (worker/watching/counts.py)."""

LETTERS_TRIED = "letters-tried"
"""What decided about events when all dead letters were last tried again."""
