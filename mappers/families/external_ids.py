"""External identifiers of an activity, from the identifiers of its event."""

from collections.abc import Callable, Sequence

from mappers.documents import ExternalId, Relationship
from mappers.drafts import Refused
from mappers.events.data import IdentifierData, trimmed
from mappers.mapping_file import MappingFile
from mappers.vocabularies.identifier_types import identifier_type


def external_ids(
    field: str,
    identifiers: Sequence[IdentifierData] | None,
    mapping: MappingFile,
    usual: Callable[[str], Relationship] | None = None,
) -> tuple[ExternalId, ...]:
    """The identifiers that an event lists in `field`; raises Refused for a relationship that is none.

    One that is not given goes by `usual`, which is asked with the type; without `usual`, by mapping file, else `self`.
    """
    return tuple(external_id(f"{field}[{place}]", one, mapping, usual) for place, one in enumerate(identifiers or ()))


def external_id(
    field: str, data: IdentifierData, mapping: MappingFile, usual: Callable[[str], Relationship] | None = None
) -> ExternalId:
    """One identifier, as `external_ids` reads it."""
    kind = identifier_type(data.type, mapping.identifier_types)
    said = trimmed(data.relationship)
    if said is None:
        relationship = usual(kind) if usual else mapping.relationships.get(kind, Relationship.SELF)
    elif said.lower().replace("_", "-") in set(Relationship):
        relationship = Relationship(said.lower().replace("_", "-"))
    else:
        raise Refused(f"{field}.relationship", said, f"is not one of {', '.join(Relationship)} (ORCID 9047)")
    return ExternalId(type=kind, value=data.value.strip(), relationship=relationship, url=trimmed(data.url))
