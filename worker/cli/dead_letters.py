"""`dead-letters`: events that could not be taken."""

from itertools import islice

import click

from mappers.events.faults import Reason, Rule, reason_of
from mappers.events.packed_messages import shown_value, unpack_message
from state.facts import DeadLetter
from state.store import Store
from worker.cli.context import Context, NotKnownError, json_option, print_json, print_table, say
from worker.intake.intake import Intake, Tempo
from worker.reports.story import when

REASONS = sorted({one.value for one in (*Reason, *Rule)})
SHOWN = 100
"""How many a list for people has."""

reason_option = click.option(
    "--reason", type=click.Choice(REASONS), metavar="REASON", help="Only this class of reasons, or this rule."
)
type_option = click.option("--type", "kind", metavar="TYPE", help="Only events of this type.")


@click.group("dead-letters")
def dead_letters() -> None:
    """Events that could not be taken: their bytes are kept, sealed, until they can."""


@dead_letters.command("list")
@reason_option
@type_option
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help=f"List N at most: {SHOWN} unless told, all with --json."
)
@json_option
@click.pass_obj
def list_(context: Context, reason: str | None, kind: str | None, limit: int | None, as_json: bool) -> int:
    """List the open ones, oldest first, with the class of the reason: who can mend it, and where.

    \b
    Examples:
      orcid-sync dead-letters list
      orcid-sync dead-letters list --reason order --limit 500
    """
    with context.store() as store:
        letters = (one for one in store.letters.unopened() if _fits(one, reason, kind))
        shown = list(islice(letters, limit if as_json else limit or SHOWN))
        more = 0 if as_json else sum(1 for _ in letters)
    if as_json:
        print_json({"dead_letters": [_row(letter) for letter in shown]})
        return 0
    rows = [(one.id[:8], when(one.at), one.place, reason_of(one.rule), one.rule, one.message) for one in shown]
    print_table("", ("id", "at", "place", "reason", "rule", "why"), rows)
    say(f"{len(shown) + more} dead letters")
    if more:
        say(f"{more} more are not shown: --limit {len(shown) + more} or --json lists them all")
    return 0


def _row(letter: DeadLetter) -> dict[str, object]:
    return {
        "id": letter.id,
        "at": when(letter.at),
        "place": letter.place,
        "source": letter.source,
        "entity": letter.entity,
        "subject": letter.subject,
        "type": letter.type,
        "reason": reason_of(letter.rule).value,
        "rule": letter.rule,
        "field": letter.field,
        "message": letter.message,
        "state": letter.state,
        "again_at": when(letter.again_at) or None,
    }


@dead_letters.command()
@click.argument("letter", metavar="ID")
@json_option
@click.pass_obj
def show(context: Context, letter: str, as_json: bool) -> int:
    """Show one, its bytes included (the start of an id is enough). It may hold personal data.

    What looks like a token, such as a UUID, is shown as …; an event that may hold one elsewhere is not shown.

    \b
    Example:
      orcid-sync dead-letters show 1f3a
    """
    with context.store() as store:
        found = _with_bytes(_find(store, letter))
    value = shown_value(unpack_message(found.envelope))
    if as_json:
        print_json(_row(found) | {"value": value})
        return 0
    for name, text in _row(found).items():
        say(f"{name:8} {text}")
    say(f"value    {value}")
    return 0


@dead_letters.command()
@click.argument("letters", metavar="[ID…]", nargs=-1)
@reason_option
@type_option
@json_option
@click.pass_obj
def retry(context: Context, letters: tuple[str, ...], reason: str | None, kind: str | None, as_json: bool) -> int:
    """Try them again, as they came: all, or those named. Sends nothing; `sync` or the daemon does.

    \b
    Examples:
      orcid-sync dead-letters retry
      orcid-sync dead-letters retry --reason order --type publication.changed
    """
    if letters and (reason or kind):
        raise click.UsageError("give ids, or --reason and --type")
    from worker.policies import read_mapping

    with context.bound_store() as store:
        mapping = read_mapping(context.settings)
        intake = Intake(store, mapping, Tempo(0.0, 0.0))
        tried = taken = 0
        if letters:
            chosen = iter([_with_bytes(_find(store, one)) for one in letters])
        else:
            chosen = (one for one in store.letters.open() if _fits(one, reason, kind))
        for letter in chosen:
            tried += 1
            taken += intake.retry(letter, unpack_message(letter.envelope), store.now())
        left = store.letters.count()
    if as_json:
        print_json({"tried": tried, "taken": taken, "open": left})
    else:
        say(f"{tried} tried again, {taken} taken, {left} dead letters left")
    return 3 if left else 0


@dead_letters.command()
@click.argument("letters", metavar="[ID…]", nargs=-1)
@reason_option
@type_option
@json_option
@click.pass_obj
def discard(context: Context, letters: tuple[str, ...], reason: str | None, kind: str | None, as_json: bool) -> int:
    """Discard those named, or all of a reason or type, for good: they stay discarded when their log is replayed.

    \b
    Examples:
      orcid-sync dead-letters discard 1f3a 20c4
      orcid-sync dead-letters discard --reason unknown-type --type weather.changed
    """
    if bool(letters) == bool(reason or kind):
        raise click.UsageError("give ids, or --reason and --type: nothing is discarded unless it is named")
    with context.store() as store, store.transaction():
        if letters:
            chosen = list({found.id: found for found in (_find(store, one) for one in letters)}.values())
        else:
            chosen = [one for one in store.letters.unopened() if _fits(one, reason, kind)]
        for letter in chosen:
            store.letters.settle(letter.id, "discarded")
        left = store.letters.count()
    if as_json:
        print_json({"discarded": len(chosen), "open": left})
        return 0
    for letter in chosen if letters else ():
        say(f"discarded {letter.id[:8]} ({letter.place})")
    say(f"{len(chosen)} discarded, {left} dead letters left")
    return 0


def _fits(letter: DeadLetter, reason: str | None, kind: str | None) -> bool:
    return reason in {None, letter.rule, reason_of(letter.rule).value} and kind in {None, letter.type, letter.entity}


def _find(store: Store, prefix: str) -> DeadLetter:
    found = store.letters.letter(prefix)
    if found is None:
        raise NotKnownError(f"no dead letter, or more than one, has an id that begins with {prefix}")
    return found


def _with_bytes(letter: DeadLetter) -> DeadLetter:
    if not letter.envelope:
        raise NotKnownError(
            f"the bytes of {letter.id[:8]} were lost with the vault keys: have {letter.place} sent again"
        )
    return letter
