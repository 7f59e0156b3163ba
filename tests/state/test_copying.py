"""Copying between databases: every table, every row, to the bit; in bounded memory."""

import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from state.moving.copying import PAGE, Step, Watch, compare_all, copy_all, read_rows, unwatched
from state.moving.tables import Table, tables_of
from state.postgres.engine import PostgresEngine
from state.postgres.pool import PostgresPool
from state.sql.engine import Engine
from state.sql.migrations import STEPS
from state.sqlite.engine import SqliteEngine
from state.store import StoreError
from tests.state.dying import Death
from tests.state.pairs import AnyStore, Make, make, pair
from tests.state.whole import change_everything, whole

__all__ = ["make", "pair"]

TABLES = tables_of()
NEW_STEP = ("9999_news", "CREATE TABLE news (at DOUBLE PRECISION, told TEXT, n INTEGER, PRIMARY KEY (told, n))")


def copy(source: Engine, target: Engine, tables: tuple[Table, ...] = TABLES, watch: Watch = unwatched) -> int:
    """Copies and compares all; how many rows that were."""
    with source.snapshot(), target.transaction():
        copy_all(source, target, tables, watch)
        return sum(one.rows for one in compare_all(source, target, tables, watch))


def tables_in(engine: Engine) -> dict[str, list[str]]:
    """The tables that a database says it has, with their columns in order; its own and the migrations' aside."""
    if isinstance(engine, SqliteEngine):
        found = [row["name"] for row in engine.run("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {one: [row["name"] for row in engine.run(f"PRAGMA table_info({one})")] for one in found}
    else:
        rows = engine.run(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
            " ORDER BY table_name, ordinal_position"
        )
        columns = {}
        for row in rows:
            columns.setdefault(row["table_name"], []).append(row["column_name"])
    ours = {name: names for name, names in columns.items() if not name.startswith(("sqlite_", "_", "orcid_sync_"))}
    return dict(sorted(ours.items()))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_no_table_and_no_column_is_forgotten(make: Make, kind: str) -> None:
    """What is copied is what the database has, whatever migrations make."""
    assert tables_in(make(kind).engine) == {one.name: list(one.columns) for one in TABLES}


def test_what_a_later_step_makes_is_copied_too(tmp_path: Path) -> None:
    """Nobody has to name a new table anywhere."""
    engines = [SqliteEngine(tmp_path / name, lambda: 1.0, [*STEPS, NEW_STEP]) for name in ("a.db", "b.db")]
    tables = tables_of([*STEPS, NEW_STEP])
    engines[0].run("INSERT INTO news (at, told, n) VALUES (0.1, 'it rains', 2)")

    assert copy(engines[0], engines[1], tables) == 1
    assert engines[1].run("SELECT * FROM news") == [{"at": 0.1, "told": "it rains", "n": 2}]
    for engine in engines:
        engine.close()


def test_everything_answers_as_before(pair: tuple[AnyStore, AnyStore]) -> None:
    """Whatever is asked."""
    old, new = pair
    for _ in range(3):
        change_everything(old)
    change_everything(new)  # what was there before is gone

    copy(old.engine, new.engine)

    assert whole(new) == whole(old)


def test_texts_sort_the_same_everywhere(pair: tuple[AnyStore, AnyStore]) -> None:
    """By code points, whatever the language of the server: keys are read in their order on both sides."""
    old, new = pair
    names = ["a", "B", "b", "ä", "Z", "z", "\u00ff", "\uffff", "\U0001f600", "É", "é", " ", "-", "_", "e\u0301"]
    for name in names * 10:
        old.notes.put(f"{name}{len(name)}", name)
    for number in range(3 * PAGE):
        old.notes.put(f"{names[number % len(names)]} {number}", "x")

    copy(old.engine, new.engine)

    (notes,) = [one for one in TABLES if one.name == "notes"]
    assert names_in(new, notes) == sorted(names_in(old, notes))


def names_in(store: AnyStore, table: Table) -> list[str]:
    """The first column of its rows, in their order."""
    with store.engine.snapshot():
        return [row[0] for row in read_rows(store.engine, table)]


def rows_of(table: Table, kinds: dict[str, tuple[str, bool]]) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    """Rows of a table: every value that its columns can have."""
    texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
    values = {
        "TEXT": texts,
        "DOUBLE PRECISION": st.floats(allow_nan=False),
        "BIGINT": st.integers(-(2**63), 2**63 - 1),
        "INTEGER": st.integers(-(2**31), 2**31 - 1),
    }
    columns = [values[kind] if required else st.none() | values[kind] for kind, required in kinds.values()]
    return st.lists(st.tuples(*columns), max_size=3)


@pytest.fixture(scope="module")
def engines(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One engine of PostgreSQL between two of SQLite."""
    databases = request.getfixturevalue("postgres")
    url = databases.new_database()
    folder = tmp_path_factory.mktemp("copying")
    there, back = (SqliteEngine(folder / name, lambda: 1.0, STEPS) for name in ("there.db", "back.db"))
    between = PostgresEngine(PostgresPool(url), lambda: 1.0, STEPS)
    yield there, between, back
    for engine in (there, between, back):
        engine.close()
    databases.drop(url)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_stands_in_a_row_comes_back_from_postgresql(engines: Any, data: st.DataObject) -> None:
    """Numbers of 64 bits, infinite times, zeros with a sign, any character but U+0000."""
    there, between, back = engines
    table = data.draw(st.sampled_from(TABLES))
    info = there.run(f"PRAGMA table_info({table.name})")
    kinds = {row["name"]: (row["type"], bool(row["notnull"] or row["pk"])) for row in info}
    rows = data.draw(rows_of(table, kinds))
    marks = ", ".join(f":c{number}" for number in range(len(table.columns)))

    there.run(f"DELETE FROM {table.name}")  # noqa: S608 - one of our own tables
    for row in rows:
        sql = f"INSERT OR IGNORE INTO {table.name} VALUES ({marks})"  # noqa: S608
        there.run(sql, {f"c{number}": value for number, value in enumerate(row)})
    assert copy(there, between, (table,)) == copy(between, back, (table,))

    assert list(read_rows(back, table)) == list(read_rows(there, table))


def test_many_large_rows_take_little_memory(pair: tuple[AnyStore, AnyStore]) -> None:
    """Of 40 MB no more is held at once than what a page and its copies have."""
    old, new = pair
    size, number = 100_000, 400
    with old.transaction():
        for one in range(number):
            old.notes.put(f"{one:05}", "x" * size)

    tracemalloc.start()
    try:
        copy(old.engine, new.engine)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 4 * PAGE * size < number * size


def test_what_differs_is_named(pair: tuple[AnyStore, AnyStore]) -> None:
    """Table and key, but no value: it may be anybody's."""
    old, new = pair
    change_everything(old)

    def spoil(step: Step) -> None:
        if step == Step("comparing", "agenda", 2):
            new.engine.run("UPDATE positions SET next_offset = next_offset - 1")

    with old.engine.snapshot(), new.engine.transaction():
        copy_all(old.engine, new.engine, TABLES)
        with pytest.raises(StoreError, match=r"^positions: .*topic_id.*is not the same in ") as failed:
            compare_all(old.engine, new.engine, TABLES, spoil)
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize("change", ["DELETE FROM people WHERE person = 'p2'", "DELETE FROM people WHERE person = 'p1'"])
def test_what_is_missing_or_too_much_is_named(pair: tuple[AnyStore, AnyStore], change: str) -> None:
    """Whichever side has it."""
    old, new = pair
    change_everything(old)

    with old.engine.transaction(), new.engine.transaction():
        copy_all(old.engine, new.engine, TABLES)
        new.engine.run(change)
        with pytest.raises(StoreError, match=r"^people: person "):
            compare_all(old.engine, new.engine, TABLES)
        copy_all(old.engine, new.engine, TABLES)
        old.engine.run(change)
        with pytest.raises(StoreError, match=r"^people: person "):
            compare_all(old.engine, new.engine, TABLES)


def test_what_postgresql_cannot_keep_is_named(make: Make) -> None:
    """Table, key and column, before anything is kept."""
    old, new = make("sqlite"), make("postgresql")
    change_everything(old)
    old.engine.connection.execute("INSERT INTO notes VALUES ('bell', ?)", ("a\0b",))  # as earlier versions kept it

    with pytest.raises(StoreError, match=r"^notes: name 'bell': text holds the character U\+0000, which postgresql:"):
        copy(old.engine, new.engine)

    assert list(new.people.all()) == []


def test_a_backup_with_what_postgresql_cannot_keep_is_mended(make: Make) -> None:
    """Rather than lost: it is all that there is. Rows beyond are not passed over."""
    old, new = make("sqlite"), make("postgresql")
    for number in range(3 * PAGE):
        old.notes.put(f"a{number:04}", "before")
        old.engine.connection.execute("INSERT INTO notes VALUES (?, ?)", (f"b\0{number:04}", "a\0b"))
        old.notes.put(f"b1{number:04}", "after")

    with old.engine.snapshot(), new.engine.transaction():
        copy_all(old.engine, new.engine, TABLES, mend=True)

    assert [new.notes.get(f"b\ufffd{number:04}") for number in (0, 3 * PAGE - 1)] == ["a\ufffdb"] * 2
    assert new.engine.run("SELECT count(*) AS n FROM notes")[0]["n"] == 9 * PAGE + 1


def test_what_a_column_cannot_hold_is_named(make: Make) -> None:
    """SQLite keeps any text as it comes, where a number should be: such a row was damaged."""
    old, new = make("sqlite"), make("postgresql")
    change_everything(old)
    old.engine.run("UPDATE agenda SET failures = 'many' WHERE person = 'p2'")

    with pytest.raises(StoreError, match=r"invalid input syntax.*\(agenda: person 'p1' to agenda: person 'p2'\)$"):
        copy(old.engine, new.engine)


def test_what_is_too_large_for_a_key_is_named(make: Make) -> None:
    """Earlier versions took names of any length in bytes; PostgreSQL does not."""
    old, new = make("sqlite"), make("postgresql")
    old.notes.put("".join(chr(0x4E00 + number) for number in range(1500)), "a long name")

    with pytest.raises(StoreError, match=r"index.*to notes: name '\u4e00\u4e01.*…\)$") as failed:
        copy(old.engine, new.engine)
    assert len(str(failed.value)) < 600


def test_a_copy_that_dies_leaves_nothing(pair: tuple[AnyStore, AnyStore]) -> None:
    """At whichever table; what was there before stays."""
    old, new = pair
    change_everything(old)
    new.notes.put("mine", "kept")
    before = whole(new)

    for table in TABLES[::6]:

        def die(step: Step, name: str = table.name) -> None:
            if step.table == name:
                raise Death

        with pytest.raises(Death):
            copy(old.engine, new.engine, watch=die)

    assert whole(new) == before
