"""`permission rekey` and `permission drop-unreadable`: new vault keys, and keys that were lost."""

from contextlib import closing
from dataclasses import asdict

import click

from worker.cli.context import Context, json_option, print_json, say


@click.command()
@json_option
@click.pass_obj
def rekey(context: Context, as_json: bool) -> int:
    """Seal all tokens and dead letters with the newest vault key.

    \b
    In this order; processes may be restarted one after the other, for each opens what the others seal:
      1. put the new key last in ORCID_SYNC_VAULT_KEYS, behind the old one; restart every process on this state
      2. put the new key first; restart every process again
      3. orcid-sync permission rekey
      4. take the old key away, and restart every process again

    Links that were sent before step 2 stop working with step 4.
    """
    from worker.wiring import open_store, refuse_unwritable

    with closing(open_store(context.settings)) as store:
        refuse_unwritable(store)
        count = store.rekey()
    if as_json:
        print_json({"sealed_anew": count})
    else:
        say(f"{count} values are sealed with the newest key")
        say("when no process is left that was started without it, the others may be taken from ORCID_SYNC_VAULT_KEYS")
    return 0


@click.command("drop-unreadable")
@click.option("--lose-blocks", is_flag=True, help="Also when it can't be told any more who was forgotten.")
@json_option
@click.pass_obj
def drop_unreadable(context: Context, lose_blocks: bool, as_json: bool) -> int:
    """Go on when the vault keys are lost for good: drop what ORCID_SYNC_VAULT_KEYS doesn't open.

    Put-codes stay: whoever gives permission again goes on with the items that stand. Until then their records wait.
    Stop every process on this state first. Nothing brings back what this drops.

    \b
    Example:
      orcid-sync permission drop-unreadable
    """
    from worker.wiring import open_store

    with closing(open_store(context.settings, keys_lost=True)) as store:
        dropped = asdict(store.give_up(lose_blocks=lose_blocks))
    was_whole = not any(dropped.values())
    del dropped["keys"]
    if as_json:
        print_json({"dropped": dropped})
    elif was_whole:
        say("everything opens with these keys: nothing was dropped")
    else:
        say("dropped: " + ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in dropped.items()))
        if dropped["grants"]:
            say("ask the people for a new permission: `permission list` shows whom, as broken")
        if dropped["dead_letters"]:
            say("the events in dead letters are lost: have their sources send them again")
    return 0
