"""Migrations: the tables, each step applied once, with its note, in one transaction."""

FIRST = """
CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL);

CREATE TABLE positions (
    cluster TEXT NOT NULL, topic_id TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    next_offset BIGINT NOT NULL,
    PRIMARY KEY (cluster, topic_id, topic, partition));
CREATE TABLE gaps (
    id INTEGER PRIMARY KEY,
    cluster TEXT NOT NULL, topic_id TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    first BIGINT NOT NULL, last BIGINT NOT NULL, reason TEXT NOT NULL, at DOUBLE PRECISION NOT NULL,
    closed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (cluster, topic_id, topic, partition, first, last));

CREATE TABLE sources (source TEXT PRIMARY KEY, scheme TEXT NOT NULL);
CREATE TABLE source_records (
    source TEXT NOT NULL, entity TEXT NOT NULL, subject TEXT NOT NULL,
    scheme TEXT NOT NULL, version TEXT NOT NULL, removed INTEGER NOT NULL,
    data TEXT NOT NULL, digest TEXT NOT NULL, revision TEXT NOT NULL,
    PRIMARY KEY (source, entity, subject));
CREATE TABLE events (
    source TEXT NOT NULL, entity TEXT NOT NULL, subject TEXT NOT NULL,
    event_id TEXT NOT NULL, result TEXT NOT NULL, type TEXT NOT NULL,
    place TEXT NOT NULL, at DOUBLE PRECISION NOT NULL, detail TEXT NOT NULL,
    id INTEGER PRIMARY KEY,
    UNIQUE (source, subject, entity, event_id, result));
CREATE TABLE dead_letters (
    id TEXT PRIMARY KEY, place TEXT NOT NULL,
    source TEXT NOT NULL, entity TEXT NOT NULL, subject TEXT NOT NULL,
    rule TEXT NOT NULL, field TEXT NOT NULL, message TEXT NOT NULL, envelope TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL, state TEXT NOT NULL);
CREATE INDEX dead_letters_by_state ON dead_letters (state, at);

CREATE TABLE grants (
    person TEXT NOT NULL, orcid TEXT NOT NULL, name TEXT NOT NULL, scopes TEXT NOT NULL,
    access_token TEXT NOT NULL, refresh_token TEXT,
    expires_at DOUBLE PRECISION NOT NULL, granted_at DOUBLE PRECISION NOT NULL,
    state TEXT NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (person, orcid));
CREATE INDEX grants_by_orcid ON grants (orcid);
CREATE TABLE suspensions (
    orcid TEXT PRIMARY KEY, kind TEXT NOT NULL, detail TEXT NOT NULL, look_again_at DOUBLE PRECISION NOT NULL);

CREATE TABLE wanted_items (
    person TEXT NOT NULL, section TEXT NOT NULL,
    source TEXT NOT NULL, entity TEXT NOT NULL, subject TEXT NOT NULL, part TEXT NOT NULL,
    digest TEXT, document TEXT, self_ids TEXT NOT NULL, revision BIGINT NOT NULL, refusal TEXT NOT NULL,
    same_as TEXT NOT NULL, refused_digest TEXT NOT NULL, refused_reason TEXT NOT NULL,
    state TEXT NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (person, section, source, entity, subject, part));
CREATE INDEX wanted_items_by_record ON wanted_items (source, entity, subject);
CREATE INDEX wanted_items_by_state ON wanted_items (state);
CREATE TABLE published_items (
    orcid TEXT NOT NULL, section TEXT NOT NULL, put_code BIGINT NOT NULL,
    person TEXT NOT NULL, source TEXT NOT NULL, entity TEXT NOT NULL, subject TEXT NOT NULL, part TEXT NOT NULL,
    digest TEXT NOT NULL, document TEXT, own_id TEXT, self_ids TEXT NOT NULL,
    origin TEXT NOT NULL, standing TEXT NOT NULL,
    PRIMARY KEY (orcid, section, put_code));
CREATE INDEX published_items_by_person ON published_items (person);
CREATE TABLE sections (
    orcid TEXT NOT NULL, section TEXT NOT NULL, listed_at DOUBLE PRECISION, filled_at DOUBLE PRECISION,
    PRIMARY KEY (orcid, section));

CREATE TABLE intents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, call BIGINT NOT NULL,
    person TEXT NOT NULL, orcid TEXT NOT NULL, section TEXT NOT NULL,
    source TEXT NOT NULL, entity TEXT NOT NULL, subject TEXT NOT NULL, part TEXT NOT NULL,
    method TEXT NOT NULL, put_code BIGINT, digest TEXT NOT NULL, own_id TEXT, self_ids TEXT NOT NULL, document TEXT,
    opened_at DOUBLE PRECISION NOT NULL, ripe_at DOUBLE PRECISION NOT NULL,
    epoch BIGINT NOT NULL, attempt INTEGER NOT NULL,
    is_open INTEGER NOT NULL, verdict TEXT NOT NULL DEFAULT '', closed_at DOUBLE PRECISION,
    status INTEGER, error_code INTEGER, result_put_code BIGINT, detail TEXT NOT NULL DEFAULT '');
CREATE INDEX intents_open ON intents (person) WHERE is_open = 1;
CREATE INDEX intents_by_record ON intents (source, entity, subject);

CREATE TABLE agenda (
    person TEXT PRIMARY KEY, due_at DOUBLE PRECISION, quiet_since DOUBLE PRECISION, quiet_until DOUBLE PRECISION,
    retry_at DOUBLE PRECISION, revision BIGINT NOT NULL, failures INTEGER NOT NULL);
CREATE INDEX agenda_due ON agenda (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE leases (
    orcid TEXT PRIMARY KEY, holder TEXT NOT NULL, epoch BIGINT NOT NULL, free_at DOUBLE PRECISION NOT NULL);
CREATE TABLE budget (
    id INTEGER PRIMARY KEY, tokens DOUBLE PRECISION NOT NULL, at DOUBLE PRECISION NOT NULL,
    not_before DOUBLE PRECISION NOT NULL, rate DOUBLE PRECISION NOT NULL, burst DOUBLE PRECISION NOT NULL);
"""

SECTIONS = """
ALTER TABLE wanted_items ADD COLUMN v2_1_lacks TEXT NOT NULL DEFAULT '';
ALTER TABLE wanted_items ADD COLUMN v2_1_drops TEXT NOT NULL DEFAULT '';
ALTER TABLE wanted_items ADD COLUMN group_key TEXT NOT NULL DEFAULT '';
CREATE INDEX wanted_items_by_group ON wanted_items (group_key) WHERE group_key <> '';

CREATE TABLE group_id_records (
    key TEXT PRIMARY KEY, id TEXT NOT NULL, name TEXT, type TEXT, description TEXT,
    state TEXT NOT NULL, reason TEXT NOT NULL, ripe_at DOUBLE PRECISION NOT NULL);
CREATE TABLE departures (
    source TEXT NOT NULL, entity TEXT NOT NULL, subject TEXT NOT NULL, person TEXT NOT NULL, date TEXT,
    PRIMARY KEY (source, entity, subject));
CREATE INDEX departures_by_person ON departures (person);
"""

HOLDS = """
ALTER TABLE wanted_items ADD COLUMN hold TEXT NOT NULL DEFAULT '';
ALTER TABLE wanted_items ADD COLUMN hold_reason TEXT NOT NULL DEFAULT '';
CREATE INDEX wanted_items_by_hold ON wanted_items (hold) WHERE hold <> '';
"""

LEFT_OUT = """
ALTER TABLE published_items ADD COLUMN left_out TEXT NOT NULL DEFAULT '';
"""

PERMISSION = """
ALTER TABLE grants ADD COLUMN refreshed_at DOUBLE PRECISION NOT NULL DEFAULT 0;
CREATE TABLE tokens (
    mark TEXT PRIMARY KEY, person TEXT NOT NULL, orcid TEXT NOT NULL, granted_at DOUBLE PRECISION NOT NULL,
    token TEXT, to_revoke INTEGER NOT NULL);
CREATE INDEX tokens_by_person ON tokens (person);
CREATE TABLE moves (
    person TEXT NOT NULL, orcid TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (person, orcid));
CREATE TABLE consents (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, browser TEXT NOT NULL, until DOUBLE PRECISION NOT NULL,
    stage TEXT NOT NULL, code TEXT NOT NULL, grant_sealed TEXT, outcome TEXT NOT NULL, redirect_uri TEXT NOT NULL);
CREATE INDEX consents_by_person ON consents (person);
CREATE INDEX consents_by_until ON consents (until);
CREATE UNIQUE INDEX consents_by_code ON consents (code) WHERE code <> '';
CREATE TABLE asks (
    orcid TEXT NOT NULL, put_code BIGINT NOT NULL, person TEXT NOT NULL, asked_at DOUBLE PRECISION NOT NULL,
    looked_at DOUBLE PRECISION NOT NULL, read_at DOUBLE PRECISION, acted_at DOUBLE PRECISION,
    archived_at DOUBLE PRECISION,
    PRIMARY KEY (orcid, put_code));
CREATE INDEX asks_by_person ON asks (person);
CREATE TABLE people (
    person TEXT PRIMARY KEY, name TEXT NOT NULL, revoked_at DOUBLE PRECISION NOT NULL,
    denied_at DOUBLE PRECISION NOT NULL);
INSERT INTO people (person, name, revoked_at, denied_at)
    SELECT substr(name, 12), '', CAST(text AS DOUBLE PRECISION), 0 FROM notes WHERE name LIKE 'revoked-at %';
DELETE FROM notes WHERE name LIKE 'revoked-at %';
INSERT INTO notes (name, text) SELECT 'tokens-to-mark', '' WHERE EXISTS (SELECT 1 FROM grants);
CREATE TABLE aliases (person TEXT PRIMARY KEY, into_person TEXT NOT NULL);
CREATE INDEX aliases_by_into ON aliases (into_person);
CREATE TABLE forgetting (person TEXT PRIMARY KEY, remove_items INTEGER NOT NULL, since DOUBLE PRECISION NOT NULL);
CREATE TABLE blocks (mark TEXT PRIMARY KEY, kind TEXT NOT NULL, of_mark TEXT NOT NULL, last TEXT NOT NULL);
CREATE INDEX blocks_by_of ON blocks (of_mark);
"""

FULL_SECTIONS = """
ALTER TABLE sections ADD COLUMN full_until DOUBLE PRECISION NOT NULL DEFAULT 0;
CREATE INDEX published_items_removed ON published_items (person) WHERE standing = 'removed';
"""

VERDICTS = """
CREATE TABLE verdicts (
    orcid TEXT NOT NULL, kind TEXT NOT NULL, what TEXT NOT NULL, person TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL, confirmed_at DOUBLE PRECISION,
    PRIMARY KEY (orcid, kind, what));
CREATE INDEX verdicts_by_person ON verdicts (person);
CREATE INDEX verdicts_by_kind ON verdicts (kind, confirmed_at, at);
CREATE INDEX verdicts_by_time ON verdicts (at);
CREATE INDEX intents_by_time ON intents (opened_at);
CREATE INDEX agenda_failing ON agenda (due_at) WHERE failures > 0;
CREATE INDEX agenda_well ON agenda (due_at) WHERE failures = 0;
ALTER TABLE budget ADD COLUMN ceiling DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE budget ADD COLUMN halved_at DOUBLE PRECISION NOT NULL DEFAULT 0;
DELETE FROM notes WHERE name = 'stopped';
"""

GUARD = """
CREATE TABLE removals (
    id INTEGER PRIMARY KEY AUTOINCREMENT, orcid TEXT NOT NULL, put_code BIGINT NOT NULL,
    person TEXT NOT NULL, section TEXT NOT NULL,
    source TEXT NOT NULL, entity TEXT NOT NULL, subject TEXT NOT NULL, part TEXT NOT NULL,
    digest TEXT NOT NULL, at DOUBLE PRECISION NOT NULL, state TEXT NOT NULL, sent INTEGER NOT NULL);
CREATE INDEX removals_by_place ON removals (orcid, section, put_code);
CREATE INDEX removals_by_person ON removals (person);
CREATE INDEX removals_by_source ON removals (source, state);
CREATE TABLE removal_windows (
    source TEXT PRIMARY KEY, began_at DOUBLE PRECISION NOT NULL, published BIGINT NOT NULL,
    gone BIGINT NOT NULL, let BIGINT NOT NULL);
CREATE TABLE removal_looks (person TEXT PRIMARY KEY);
"""

BRAKES = """
CREATE TABLE brakes (
    person TEXT NOT NULL, source TEXT NOT NULL, section TEXT NOT NULL, at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (person, source, section));
CREATE TABLE suppressions (
    person TEXT NOT NULL, source TEXT NOT NULL, entity TEXT NOT NULL, subject TEXT NOT NULL,
    withdraw INTEGER NOT NULL, at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (person, source, entity, subject));
ALTER TABLE dead_letters ADD COLUMN type TEXT NOT NULL DEFAULT '';
ALTER TABLE dead_letters ADD COLUMN again_at DOUBLE PRECISION;
CREATE INDEX dead_letters_again ON dead_letters (again_at) WHERE again_at IS NOT NULL;
"""

STRANGERS = """
ALTER TABLE sections ADD COLUMN strangers TEXT NOT NULL DEFAULT '';
"""

JOBS = """
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, order_json TEXT NOT NULL, person TEXT NOT NULL,
    added_at DOUBLE PRECISION NOT NULL, state TEXT NOT NULL,
    began_at DOUBLE PRECISION, ended_at DOUBLE PRECISION,
    holder TEXT NOT NULL DEFAULT '', free_at DOUBLE PRECISION NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0, cancel_asked INTEGER NOT NULL DEFAULT 0, progress TEXT NOT NULL DEFAULT '',
    exit_code INTEGER, failure TEXT NOT NULL DEFAULT '', result TEXT NOT NULL DEFAULT '');
CREATE INDEX jobs_open ON jobs (id) WHERE ended_at IS NULL;
"""

TRACES = """
ALTER TABLE events ADD COLUMN trace TEXT NOT NULL DEFAULT '';
DROP INDEX wanted_items_by_state;
CREATE INDEX wanted_items_by_state ON wanted_items (state, person);
"""

SIZE = """
CREATE INDEX events_by_time ON events (at);
CREATE INDEX intents_by_end ON intents (closed_at) WHERE is_open = 0;
CREATE INDEX intents_by_person ON intents (person);
CREATE INDEX intents_by_orcid ON intents (orcid);
CREATE INDEX published_items_by_record ON published_items (source, entity, subject, standing);
CREATE INDEX removals_by_time ON removals (source, at);
CREATE INDEX suppressions_by_record ON suppressions (source, entity, subject);
CREATE INDEX dead_letters_by_record ON dead_letters (source, subject, entity);
CREATE INDEX tokens_by_orcid ON tokens (orcid);
CREATE INDEX moves_by_orcid ON moves (orcid);
CREATE INDEX consents_by_stage ON consents (stage, until);
"""

REVISIONS = """
CREATE INDEX source_records_by_revision ON source_records (revision);
"""

HOLDS_BY_PERSON = """
DROP INDEX wanted_items_by_hold;
CREATE INDEX wanted_items_by_hold ON wanted_items (hold, person) WHERE hold <> '';
"""

STEPS: tuple[tuple[str, str], ...] = (
    ("0001_first", FIRST),
    ("0002_sections", SECTIONS),
    ("0003_holds", HOLDS),
    ("0004_left_out", LEFT_OUT),
    ("0005_permission", PERMISSION),
    ("0006_guard", GUARD),
    ("0007_brakes", BRAKES),
    ("0008_verdicts", VERDICTS),
    ("0009_full_sections", FULL_SECTIONS),
    ("0010_strangers", STRANGERS),
    ("0011_jobs", JOBS),
    ("0012_traces", TRACES),
    ("0013_size", SIZE),
    ("0014_revisions", REVISIONS),
    ("0015_holds_by_person", HOLDS_BY_PERSON),
)
"""Name and statements of each step, in order. A step that was released is never changed."""
