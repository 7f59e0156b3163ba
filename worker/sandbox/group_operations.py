"""An operation on group-id records: they belong to a client, on nobody's record (API_FACTS sections 1.2 and 4.2)."""

from dataclasses import dataclass

from worker.sandbox.errors import OrcidError
from worker.sandbox.groups import GroupIdRecord, Groups, is_journal
from worker.sandbox.messages import JsonObject
from worker.sandbox.operations import Caller, check_put_codes, content_of
from worker.sandbox.replies import Names, source_json
from worker.sandbox.sandbox import Sandbox
from worker.sandbox.sections.drafts import Draft
from worker.sandbox.sections.table import GROUP_IDS, PEER_REVIEWS

_FIELDS = ("name", "group-id", "description", "type")
_IN_USE = "Unable to delete group id because there are peer reviews associated to it"


@dataclass(frozen=True, slots=True)
class GroupDesk:
    """Where one call about groups is worked on, once its scope allows it."""

    sandbox: Sandbox
    caller: Caller
    version: str

    @property
    def groups(self) -> Groups:
        """All groups."""
        return self.sandbox.groups

    def owns(self, group: GroupIdRecord) -> bool:
        """Whether the caller made the group."""
        return group.source.client_id == self.caller.client.client_id


def add_group(desk: GroupDesk, body: JsonObject) -> GroupIdRecord:
    """POST: 9024 for a put-code, 9025 for a group that exists.

    For an ISSN ORCID makes its own group on the way, so that the answer is 9025 in any case, or 9053.
    """
    document = content_of(GROUP_IDS, body)
    GROUP_IDS.check(
        Draft(GROUP_IDS.name, document, desk.sandbox.organizations, desk.groups, desk.version, body["put-code"])
    )
    group_id = document["group-id"]
    _check_free(desk, desk.groups.find_journal(group_id).group_id if is_journal(group_id) else group_id)
    return desk.groups.add(document, desk.caller.client.own_source())


def replace_group(desk: GroupDesk, put_code: int, body: JsonObject) -> GroupIdRecord:
    """PUT: 9019, 9026, 9025 when another group has the group-id, 9010 for a group of someone else."""
    check_put_codes(put_code, body)
    standing = desk.groups.get(put_code)
    document = content_of(GROUP_IDS, body)
    _check_free(desk, document["group-id"], itself=standing)
    if not desk.owns(standing):
        raise OrcidError(9010, activity="work")
    return desk.groups.change(standing, document)


def remove_group(desk: GroupDesk, put_code: int) -> None:
    """DELETE: 9026, 9010 for a group of someone else, 9040 for one that a peer review belongs to."""
    group = desk.groups.get(put_code)
    if not desk.owns(group):
        raise OrcidError(9010, activity="work")
    for record in desk.sandbox.records.values():
        for review in record.items(PEER_REVIEWS.name):
            if desk.groups.find(review.document["review-group-id"]) is group:
                raise OrcidError(9040, _IN_USE)
    desk.groups.remove(group)


def find_group(desk: GroupDesk, parameters: dict[str, str]) -> JsonObject:
    """GET by group-id (v3.0) or name: one group, or one whose fields are all null; a journal's is made on the way."""
    group = None
    if "group-id" in parameters:
        wanted = parameters["group-id"]
        group = desk.groups.find_journal(wanted) if is_journal(wanted) else desk.groups.find(wanted)
    else:
        named = (each for each in desk.groups.all() if each.document["name"] == parameters["name"])
        group = next(named, None)
    if group is None:
        empty = ("created-date", "last-modified-date", "source", *_FIELDS, "put-code")
        return dict.fromkeys(empty)
    return group_json(group, desk.sandbox.name_of)


def list_groups(desk: GroupDesk, parameters: dict[str, str]) -> JsonObject:
    """GET of a page; `total` counts what is on it, as at ORCID. 404/9001 for a page that is no number."""
    page, size = _whole(parameters.get("page", "1")), _whole(parameters.get("page-size", "100"))
    shown = desk.groups.all()[(page - 1) * size : page * size]
    return {
        "last-modified-date": {"value": max(group.modified for group in shown)} if shown else None,
        "total": len(shown),
        "page": page,
        "page-size": size,
        "group-id-record": [group_json(group, desk.sandbox.name_of) for group in shown],
    }


def group_json(group: GroupIdRecord, names: Names) -> JsonObject:
    """The group as ORCID writes it."""
    return {
        "created-date": {"value": group.created},
        "last-modified-date": {"value": group.modified},
        "source": source_json(group.source, names),
        **{key: group.document[key] for key in _FIELDS},
        "put-code": group.put_code,
    }


def _check_free(desk: GroupDesk, group_id: str, itself: GroupIdRecord | None = None) -> None:
    standing = desk.groups.find(group_id)
    if standing is not None and standing is not itself:
        raise OrcidError(9025)


def _whole(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 10**9:
        raise OrcidError(9001, status=404)
    return int(text)
