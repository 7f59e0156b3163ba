"""Histories of permission: the person moves from record to record, takes permission back, and gives it again."""

from collections.abc import Callable, Iterator

from mappers.identifiers import OrcidId
from mappers.secret import Secret
from state.facts import ItemState, Standing
from state.permission_facts import Grant, MoveState
from tests.turning.happenings import PERSON
from tests.turning.histories import DAY, EXPLAINED, History
from tests.turning.weather import CUT, TIMEOUT, UNSENT, Trouble, answered, by
from tests.turning.worlds import SCOPES
from worker.people.forgetting import begin_forgetting, finish_forgetting, hindrances
from worker.permission.grants import Permissions, Taken
from worker.permission.moves import approve_move, reject_move
from worker.sandbox.control_forms import GrantForm, RevocationForm
from worker.sandbox.grants import PermissionRules
from worker.sandbox.records import Item
from worker.sandbox.researchers import grant, revoke
from worker.sandbox.sandbox import CLIENT_ID

HOUR = 3600.0
OAUTH_TROUBLES = (
    Trouble(UNSENT, by("TOKEN", "REVOKE"), times=1),
    Trouble(answered(503), by("TOKEN", "REVOKE"), times=2),
    Trouble(CUT, by("REVOKE"), times=1, carried_out="now"),
    Trouble(TIMEOUT, by("TOKEN"), times=1, carried_out="now"),
)


class PermissionHistory(History):
    """A history in which the person has three records, and tokens may last an hour."""

    explained = EXPLAINED | {ItemState.STRANDED}

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        if self._random.random() < 0.5:  # else a renewed token lives no longer than the one it comes from
            self._world.sandbox.permission = PermissionRules(refresh_seconds=HOUR)
        self._removed: set[int] = set()
        self._visited: set[OrcidId] = {self._orcid}

    def _happenings(self) -> dict[Callable[[], None], int]:
        return {
            self._tell: 40,
            self._delete: 8,
            self._crash: 8,
            self._switch: 4,
            self._move: 16,
            self._decide: 12,
            self._consent: 6,
            self._revoke: 6,
            self._revoke_at_orcid: 8,
            self._trouble_tokens: 6,
        }

    # What happens.

    def _delete(self) -> None:
        super()._delete()
        self._removed |= {put_code for _, put_code in self._deleted}

    def _consent(self) -> None:
        """The researcher gives permission on the present record once more, for twenty years or an hour."""
        self._permit(self._random.choice([None, HOUR]))

    def _permit(self, lasts: float | None) -> None:
        self._clock.advance(1.0)
        self.story.append(f"permission for {self._orcid}, for {lasts or 'twenty years'}")
        told = grant(self._world.sandbox, GrantForm(orcid=self._orcid, scopes=SCOPES, expires_in=lasts))
        now = self._clock.now()
        given = Grant(
            person=PERSON,
            orcid=self._orcid,
            name="",
            scopes=frozenset(SCOPES),
            access_token=Secret(str(told["access_token"])),
            refresh_token=Secret(str(told["refresh_token"])),
            expires_at=now + float(told["expires_in"]),
            granted_at=now,
        )
        with self._world.store.transaction():
            taken = Permissions(self._world.store).grant(given)
        assert taken is Taken.APPLIED, taken

    def _move(self) -> None:
        """The researcher connects another record."""
        others = [self._world.orcid(number) for number in (1, 2, 3) if self._world.orcid(number) != self._orcid]
        self._orcid = self._random.choice(others)
        self._visited.add(self._orcid)
        self._respected.clear()
        self._consent()

    def _decide(self) -> None:
        """An operator says a word on each move."""
        for move, _ in self._world.store.moves.all():
            decide = self._random.choice([approve_move, approve_move, reject_move])
            self.story.append(f"{decide.__name__} {move.orcid}")
            decide(self._world.store, move.id)

    def _revoke(self) -> None:
        """The permission is taken back with us."""
        self.story.append("permission taken back with us")
        with self._world.store.transaction():
            Permissions(self._world.store).revoke(PERSON, self._clock.now(), "taken back")

    def _revoke_at_orcid(self) -> None:
        """The researcher takes it back at ORCID, on one of the records."""
        orcid = self._random.choice(sorted(self._visited))
        self.story.append(f"permission for {orcid} taken back at ORCID")
        revoke(self._world.sandbox, RevocationForm(orcid=orcid))

    def _trouble_tokens(self) -> None:
        trouble = self._random.choice(OAUTH_TROUBLES)
        self.story.append(f"trouble with tokens: {trouble.reply}")
        self._troubles.append(Trouble(trouble.reply, trouble.matches, trouble.times, trouble.carried_out))

    def _end(self) -> None:
        """The permission is good again, an operator approves all that is held, and days go by."""
        self._world.settle(*self._offices, within=DAY)
        self._permit(None)
        self._world.settle(*self._offices, within=DAY)
        for move, _ in self._world.store.moves.all():
            if move.state is not MoveState.STRANDED:
                approve_move(self._world.store, move.id)
        self._world.settle(*self._offices, within=3 * DAY)

    def forget(self) -> Iterator[str]:
        """The person is forgotten with their items, and where they can't be removed, without; yields what is left."""
        store = self._world.store
        for remove_items in (True, False):
            begin_forgetting(store, PERSON, remove_items=remove_items, now=self._clock.now())
            self._world.settle(*self._offices, within=3 * DAY)
            finish_forgetting(store)  # as the loop does now and then
            if remove_items and self._ours_on(self._orcid):
                yield f"{self._ours_on(self._orcid)} was to be removed"
            if store.blocks.forgetting(PERSON) is None:
                break
        if store.blocks.forgetting(PERSON) is not None:
            yield f"not forgotten: {hindrances(store, PERSON)}"
        facts = store.items.facts(PERSON)
        yield from (f"{one} is left" for one in (*facts.wanted, *facts.published, *facts.intents))
        yield from (f"{one} is left" for one in (*store.grants.of_person(PERSON), *store.tokens.of_person(PERSON)))

    # What must hold in the end.

    def faults(self) -> Iterator[str]:
        """What is not as it must be, on the former records too."""
        yield from super().faults()
        store = self._world.store
        facts = store.items.facts(PERSON)
        for orcid in sorted(self._visited - {self._orcid}):
            move = store.moves.move(PERSON, orcid)
            stranded = move is not None and move.state is MoveState.STRANDED and move.reason
            if self._ours_on(orcid) and not stranded:
                yield f"{orcid} still has {self._ours_on(orcid)}: {move}"
            if move is not None and not stranded:
                yield f"{move} is left over"
            yield from (
                f"in doubt on {orcid} for ever: {one}" for one in facts.intents if one.orcid == orcid and not stranded
            )
        for one in facts.published:
            if one.standing is Standing.REMOVED and one.put_code not in self._removed:
                yield f"{one} was not removed by the researcher"
        if any(item.state is ItemState.REMOVED_BY_RESEARCHER for item in facts.wanted) and not self._removed:
            yield "nobody removed anything, and something counts as removed"
        if store.tokens.to_revoke(PERSON):
            yield "a token is left that was to be revoked"

    def _ours_on(self, orcid: OrcidId) -> list[Item]:
        items = self._world.sandbox.records[orcid].items()
        return [item for item in items if item.source.client_id == CLIENT_ID]
