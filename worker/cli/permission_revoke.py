"""`permission revoke`: an end to what a person allowed us, with us and at ORCID."""

import time

import click

from state.formers import STANDING
from state.permission_facts import GrantState
from state.store import Store
from worker.cli.context import SENDING, Context, NotKnownError, json_option, print_json, say
from worker.cli.permission_links import canonical
from worker.cli.replaying import UNSETTLED, wait_option


@click.command()
@click.argument("person")
@wait_option
@json_option
@click.pass_obj
def revoke(context: Context, person: str, wait: float, as_json: bool) -> int:
    """End what a person allowed us: removals that are due go out, then all tokens are revoked at ORCID and forgotten.

    What stands on the record stays there, and we remember it: who gives permission again goes on with the same items.
    Exit code 3 when something is left, for instance because ORCID can't be reached: `run` or `sync` go on with it.

    \b
    Example:
      orcid-sync permission revoke E1024
    """
    from worker.interrupts import Interrupts
    from worker.policies import held_back
    from worker.replaying import Watch, reconcile_person
    from worker.wiring import bind

    context.needs = (*SENDING, "client_secret")
    with context.store() as store:
        bind(store, context.settings)
        person = canonical(store, person)
        tokens = _revoke(store, person)
        with Interrupts().listening() as interrupts:
            summary = reconcile_person(context.settings, store, person, wait, Watch(interrupted=interrupts))
            if interrupts():
                raise KeyboardInterrupt
        left = len(store.tokens.to_revoke(person))
        stay, held_by = _staying(store, person), held_back(context.settings, store, person)
        done = not left and not any(one.state is GrantState.ENDING for one in store.grants.of_person(person))
    removed, revoked = summary.calls.get("DELETE", 0), tokens - left
    if as_json:
        told = {"person": person, "removed": removed, "tokens_revoked": revoked, "tokens_left": left, "done": done}
        print_json({**told, "not_removed": stay})
    else:
        say(f"{person}: {removed} removals sent, {revoked} of {tokens} tokens revoked at ORCID")
        if stay:
            say(f"{stay} items that were to go stand there still: `orcid-sync status --person {person}` tells why")
        if not done and held_by:
            say(f"the rest is not done yet: {held_by}")
        elif not done:
            say("the rest is not done yet: `orcid-sync run` or `sync` go on; `orcid-sync plan` shows what is left")
    return 0 if done else UNSETTLED


def _revoke(store: Store, person: str) -> int:
    """Marks it all; returns how many tokens have to be revoked at ORCID."""
    from worker.permission.grants import Permissions
    from worker.permission.walks import end_walks

    with store.transaction():
        if not store.grants.of_person(person) and not store.tokens.of_person(person):
            raise NotKnownError(f"{person} has allowed nothing: `orcid-sync permission list` shows who has")
        now = time.time()
        Permissions(store).revoke_all(person, now, "revoked by an operator")
        end_walks(store, person, now)
        return len(store.tokens.to_revoke(person))


def _staying(store: Store, person: str) -> int:
    """How many items that are wanted no more stand on a record of the person's."""
    facts = store.items.facts(person)
    withdrawn = {item.key for item in facts.wanted if item.withdrawn}
    return sum(one.item in withdrawn and one.standing in STANDING for one in facts.published)
