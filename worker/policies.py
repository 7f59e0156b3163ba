"""Policies: what settings, mapping file and store together let planning do."""

from collections.abc import Iterable

from mappers.forms import Version
from mappers.mapping_file import EMPTY, MappingFaults, MappingFile, parse_mapping
from mappers.mapping_policy import ExclusionEntry, Leavers
from mappers.sections import Section
from state.store import Store
from worker.intake.anew import note_unseen
from worker.note_names import FIRST_SEND, POLICY, RECOVERY
from worker.planning.brakes import paused_as_a_whole
from worker.planning.policy import Exclusion, Leaving, Policy, policy_mark
from worker.settings.settings import Settings, SettingsFaults, variable_of
from worker.settings.sources import read_bounded

DAY = 86_400.0


def read_mapping(settings: Settings) -> MappingFile:
    """The mapping file; raises SettingsFaults with all its faults."""
    path = settings.mapping_file
    if path is None:
        return EMPTY
    try:
        return parse_mapping(read_bounded(path))
    except MappingFaults as error:
        raise SettingsFaults([f"{path}: {fault}" for fault in error.faults]) from None
    except (OSError, ValueError) as error:
        raise SettingsFaults([f"{path}: cannot be read: {error}"]) from None


def make_policy(settings: Settings, mapping: MappingFile, store: Store) -> Policy:
    """What planning goes by."""
    recovery = store.notes.get(RECOVERY)
    only, held_by = _senders(settings, mapping, store)
    return Policy(
        settle_seconds=settings.settle_seconds,
        namespaces={name: source.namespace for name, source in mapping.sources.items() if source.namespace},
        precedence={name: source.precedence for name, source in mapping.sources.items()},
        list_since=float(recovery) if recovery else None,
        only=only,
        held_by=held_by,
        version=Version(settings.api_version),
        switched_off=frozenset(section for section, entry in mapping.sections.items() if not entry.enabled),
        wins={name: source.document_fields for name, source in mapping.sources.items() if source.wins},
        exclusions=tuple(_exclusion(entry, store) for entry in mapping.exclusions),
        leaving=_leaving(mapping.leavers),
        tokenless=_tokenless(settings),
        readd=settings.removed_by_researcher == "readd",
    )


def _exclusion(entry: ExclusionEntry, store: Store) -> Exclusion:
    return Exclusion(
        people=_canonical(store, entry.people),
        sources=frozenset(entry.sources),
        sections=frozenset(entry.sections),
        withdraw=entry.action == "withdraw",
    )


def _canonical(store: Store, people: Iterable[str]) -> frozenset[str]:
    """The people whom the mapping file names, as they are known since they were merged."""
    return frozenset(store.people.canonical(person) for person in people)


def _leaving(leavers: Leavers | None) -> Leaving | None:
    if leavers is None or leavers.action == "keep":
        return None
    return Leaving(frozenset(leavers.sections), leavers.after_days * DAY, withdraw=leavers.action == "withdraw")


def _tokenless(settings: Settings) -> str:
    if settings.client_secret is not None:
        return ""
    name = variable_of("client_secret")
    return f"{name} is not set: without it we get no token for group-id records, and can't renew or revoke people's"


def visibilities(settings: Settings, mapping: MappingFile) -> dict[Section, str]:
    """What is sent with what is created: the mapping file's for the section, else that of the settings."""
    found = {section: mapping.visibility_of(section) or settings.visibility for section in Section}
    return {section: visibility for section, visibility in found.items() if visibility is not None}


def heed_policy(store: Store, policy: Policy) -> None:
    """Puts everybody on the agenda when they may be planned otherwise now: by another policy, whatever of it differs.

    What that rewrites without an event is looked at, and counted, before anything is sent (intake.py, `remap`). Not so
    by the settle time, nor by a recovery, which begins with the plan that it concerns.
    """
    current = policy_mark(policy)
    with store.transaction():
        before = store.notes.get(POLICY)
        if before != current:
            store.notes.put(POLICY, current)
            if before is not None:
                look_again(store)


def look_again(store: Store) -> None:
    """Puts everybody on the agenda; what that rewrites without an event is counted by the next `remap`."""
    with store.transaction():
        note_unseen(store, "policy")
        store.agenda.everybody_changed()


def held_back(settings: Settings, store: Store, person: str) -> str:
    """Why nothing is sent for a person, removals and revocations included; empty when it is."""
    only, held_by = _senders(settings, read_mapping(settings), store)
    return paused_as_a_whole(store.brakes.of_person(person)) if only is None or person in only else held_by


def sends_nothing(settings: Settings, store: Store) -> bool:
    """Whether nothing is sent for anybody: sending is off, or the first send to production was never approved."""
    return settings.send == "off" or _awaits_first_send(settings, store)


def _awaits_first_send(settings: Settings, store: Store) -> bool:
    return settings.is_production and store.notes.get(FIRST_SEND) is None


def _senders(settings: Settings, mapping: MappingFile, store: Store) -> tuple[frozenset[str] | None, str]:
    """Whom we send for (None: everybody), and why not for others."""
    if _awaits_first_send(settings, store):
        return frozenset(), "nothing is sent to ORCID's production until `orcid-sync approve first-send`"
    match settings.send:
        case "all":
            return None, ""
        case "pilot":
            return _canonical(store, mapping.pilot.people), "ORCID_SYNC_SEND is pilot, and this person is not in it"
        case "off":
            return frozenset(), "ORCID_SYNC_SEND is off"
