"""How rows of wanted and published items become facts."""

from mappers.identifiers import OrcidId
from mappers.sections import Section
from state.facts import ItemState, Origin, Published, Standing, Wanted
from state.sql.engine import Row, item_key, reading, unpack

LIGHT = (
    "person, section, source, entity, subject, part, digest, self_ids, revision, refusal, same_as,"
    " refused_digest, refused_reason, v2_1_lacks, v2_1_drops, group_key, hold, hold_reason, state, reason"
)
"""The columns of `wanted_items` but its document."""
STANDING = (
    "orcid, section, put_code, person, source, entity, subject, part, digest, own_id, self_ids, origin,"
    " standing, left_out"
)
"""The columns of `published_items` but its document."""


@reading
def wanted_row(row: Row) -> Wanted:
    """A row of `wanted_items`, without its document."""
    return Wanted(
        key=item_key(row),
        digest=row["digest"],
        self_ids=unpack(row["self_ids"]),
        revision=row["revision"],
        refusal=row["refusal"],
        same_as=row["same_as"],
        refused_digest=row["refused_digest"],
        refused_reason=row["refused_reason"],
        v2_1_lacks=row["v2_1_lacks"],
        v2_1_drops=row["v2_1_drops"],
        group=row["group_key"],
        hold=row["hold"],
        hold_reason=row["hold_reason"],
        state=ItemState(row["state"]),
        reason=row["reason"],
    )


@reading
def published_row(row: Row) -> Published:
    """A row of `published_items`, without its document."""
    return Published(
        person=row["person"],
        orcid=OrcidId(row["orcid"]),
        section=Section(row["section"]),
        put_code=row["put_code"],
        item=item_key(row),
        digest=row["digest"],
        own_id=row["own_id"],
        self_ids=unpack(row["self_ids"]),
        origin=Origin(row["origin"]),
        standing=Standing(row["standing"]),
        left_out=row["left_out"],
    )
