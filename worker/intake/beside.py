"""Beside: the daemons on one state, by what each said of itself in its note, and what they go by."""

import json

from mappers.mapping import mapping_revision
from mappers.mapping_file import MappingFile
from state.store import Store
from worker.note_names import REPLICA
from worker.planning.policy import Policy, policy_mark

LEFT = 0.0
"""When a daemon last said that it is there, by the note of one that said it goes."""
SILENT_SECONDS = 86_400.0
"""After a day without a word one is not there, though no other daemon found out: there may be none any more."""


def mark_of(mapping: MappingFile, policy: Policy) -> str:
    """What is the same for all that map and plan alike."""
    return f"{mapping_revision(mapping)} {policy_mark(policy)}"


def daemons(store: Store) -> dict[str, tuple[str, float]]:
    """By its note, what each goes by, or went by, and when it last said so."""
    said = {note: json.loads(text) for note, text in store.notes.beginning(REPLICA).items()}
    return {note: (mark, at) for note, (mark, at) in said.items()}


def are_strangers(store: Store, mark: str) -> bool:
    """Whether some go by something else. One that was killed is there until another has found out (company.py)."""
    since = max(LEFT, store.now() - SILENT_SECONDS)
    return any(said != mark and at > since for said, at in daemons(store).values())
