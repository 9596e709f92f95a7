"""The postgres kind and the tables of heartbeat against PostgreSQL: what it says, and its worst days."""

import os
import pathlib
import signal

import pytest
import rig

TABLES = """
CREATE TABLE outbox (id serial, status text);
INSERT INTO outbox (status) VALUES ('sent'), ('dead');
CREATE TABLE alembic_version (version_num varchar(64));
INSERT INTO alembic_version VALUES ('merge_1');
CREATE TABLE hidden (id int, org text);
INSERT INTO hidden VALUES (1, 'a'), (2, 'b');
ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;
ALTER TABLE hidden FORCE ROW LEVEL SECURITY;
CREATE POLICY org_isolation ON hidden USING (org = current_setting('app.org', true));
CREATE TABLE hidden_heartbeats (name text, last_heartbeat timestamptz, org text);
ALTER TABLE hidden_heartbeats ENABLE ROW LEVEL SECURITY;
CREATE POLICY org_isolation ON hidden_heartbeats USING (false);
CREATE TABLE job_heartbeats (name text, last_heartbeat timestamptz, consecutive_failures int, last_error text, state text, started_at timestamptz);
INSERT INTO job_heartbeats VALUES ('runner', now(), 0, NULL, 'idle', NULL), ('mailer', now() - interval '10 minutes', 1, 'Timeout', 'running', now() - interval '2 hours');
CREATE VIEW hidden_view AS SELECT * FROM hidden;
CREATE ROLE monitor LOGIN PASSWORD 'monitor-password-1';
GRANT SELECT ON ALL TABLES IN SCHEMA public TO monitor;
CREATE ROLE overseer LOGIN PASSWORD 'overseer-password' IN ROLE pg_monitor;
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    server = rig.Postgres(tmp_path_factory.mktemp("pg") / "pg", "max_connections=12\nsuperuser_reserved_connections=2\nwal_level=replica\nmax_wal_senders=4\ntimezone=UTC")
    server.sql(TABLES)
    server.monitor = server.url("monitor", "monitor-password-1")
    yield server
    server.stop()


def ask(folder, database, options, timeout="5s", kind="postgres", url=None):
    return rig.run_check(folder, f"{kind}: {{database: '${{secrets.url}}', {options}}}", timeout=timeout,
                    more="secrets: {url: {env: DATABASE_URL}}", env={"DATABASE_URL": url or database.monitor})


CASES = [
    ("min_version: 13", "pass", "none", "PostgreSQL 15."),
    ("min_version: 99", "fail", "threshold", "wanted at least 99"),
    ("primary: true", "pass", "none", ""),
    ("primary: false", "fail", "content", "is a primary"),
    ("query: \"SELECT count(*) FROM outbox WHERE status = 'dead'\", expect: {max: 0}", "fail", "threshold", "is 1, wanted at most 0"),
    ("query: \"SELECT count(*) FROM outbox WHERE status = 'dead'\", expect: {max: 9}, warn: {max: 0}", "warn", "threshold", ""),
    ("query: SELECT status FROM outbox WHERE id = 1, expect: {equals: sent}", "pass", "none", 'value "sent"'),
    ("query: SELECT status FROM outbox WHERE id = 1, expect: {matches: '^d'}", "fail", "content", "wanted a match"),
    ("query: SELECT NULL, expect: {min: 0}", "fail", "content", "NULL"),
    ("query: SELECT 'many', expect: {min: 0}", "fail", "content", "wanted a number"),
    ("query: SELECT * FROM outbox, expect: {equals: x}", "fail", "content", "wanted a single value"),
    ("query: SELECT * FROM outbox, expect: {min_rows: 3}", "fail", "threshold", "2 rows"),
    ("query: SELECT id FROM outbox WHERE false, expect: {max_rows: 0}", "pass", "none", ""),
    ("query: 'SELECT id, status, id > 1 AS late, NULL AS nothing FROM outbox ORDER BY id', expect: {json: ['.[0].id == 1', '.[1].late', '.[0].nothing == null', 'length == 2']}", "pass", "none", ""),
    ("query: SELECT 1; SELECT 7, expect: {equals: '7'}", "pass", "none", ""),
    ("query: 'SELECT generate_series(1, 5000)', expect: {min_rows: 1}", "fail", "threshold", "more than 1000"),
    ("query: \"SELECT repeat('x', 5000000)\", expect: {matches: x}", "fail", "threshold", "4MiB"),
    ("query: SELECT * FROM nowhere, expect: {max_rows: 0}", "fail", "missing", "42P01"),
    ("query: SELEKT, expect: {max_rows: 0}", "fail", "database", "42601"),
    ("query: DELETE FROM outbox RETURNING id, expect: {min_rows: 0}", "fail", "database", "25006"),
    ("query: SHOW server_version_num, expect: {min: 130000}", "pass", "none", ""),
    ("max_connections_percent: 90", "pass", "none", ""),
    ("max_connections_percent: 1", "fail", "threshold", "connections used"),
    ("min_standbys: 1", "fail", "threshold", "0 streaming standbys"),
]


@pytest.mark.parametrize("options, outcome, reason, words", CASES)
def test_questions(options, outcome, reason, words, database, tmp_path):
    seen = ask(tmp_path, database, options)
    assert (seen.outcome, seen.reason) == (outcome, reason) and words in seen.summary, seen
    assert "monitor-password-1" not in seen.all


def test_nothing_is_ever_written(database, tmp_path):
    seen = ask(tmp_path, database, "query: DELETE FROM outbox RETURNING id, expect: {min_rows: 0}", url=database.url())
    assert "25006" in seen.summary, seen  # read-only, even for who might
    assert database.sql("SELECT count(*) FROM outbox")[0][0] == 2


@pytest.mark.parametrize("table", ["hidden", "hidden_view"])
def test_hidden_rows_are_not_judged(table, database, tmp_path):
    if table == "hidden_view":
        database.sql("ALTER VIEW hidden_view OWNER TO monitor")
    seen = ask(tmp_path, database, f"query: SELECT count(*) FROM {table}, expect: {{max: 0}}")
    assert (seen.outcome, seen.reason) == ("unknown", "permission"), seen
    assert "cannot judge" in seen.summary and "row-level security" in seen.summary
    seen = ask(tmp_path, database, f"query: SELECT count(*) FROM {table}, expect: {{equals: '1'}}, row_security: accept, set: {{app.org: a}}")
    assert seen.outcome == "pass", seen


def test_hidden_heartbeats_are_not_judged_either(database, tmp_path):
    seen = ask(tmp_path, database, "table: hidden_heartbeats, failures_column: '', error_column: '', max_age: 1h", kind="heartbeat")
    assert (seen.outcome, seen.reason) == ("unknown", "permission"), seen


def test_heartbeats_of_named_jobs(database, tmp_path):
    beat = lambda options: ask(tmp_path, database, options, kind="heartbeat")
    assert beat("max_age: 3m, jobs: {runner: , mailer: {max_age: 15m}}").outcome == "pass"
    assert beat("max_age: 3m, jobs: {runner: , mailer: {max_age: 5m}}").reason == "stale_data"
    assert beat("max_age: 1h, jobs: {runner: , mailer: {max_failures: 0}}").reason == "failures"
    seen = beat("max_age: 1h, jobs: [runner, cleaner]")
    assert seen.reason == "missing" and "cleaner" in seen.summary, seen
    seen = beat("max_age: 1h, running: {column: state, since_column: started_at, max: 1h}")
    assert seen.reason == "stale_data" and "mailer says it runs" in seen.summary, seen
    assert beat("max_age: 1h, running: {column: state, since_column: started_at, max: 3h}").outcome == "pass"
    assert beat("job: runner, schedule: '* * * * *', grace: 1m").outcome == "pass"
    assert beat("job: mailer, schedule: '* * * * *', grace: 1m").reason == "stale_data"


# PostgreSQL's own values; none of them is a number that a bound can judge.
@pytest.mark.parametrize("value", ["'NaN'::float8", "'NaN'::numeric", "'Infinity'::float8", "'-Infinity'::float8"])
@pytest.mark.parametrize("bound", ["min: 0", "max: 0", "min: -1, max: 1"])
def test_what_is_no_number_meets_no_bound(value, bound, database, tmp_path):
    seen = ask(tmp_path, database, f'query: "SELECT {value}", expect: {{{bound}}}')
    assert (seen.outcome, seen.reason) == ("fail", "content") and "wanted a number" in seen.summary, seen


def beats_of(database, rows, columns="name text, last_heartbeat timestamptz, consecutive_failures int DEFAULT 0, last_error text, state text, started_at timestamptz"):
    database.sql("DROP TABLE IF EXISTS beats")
    database.sql(f"CREATE TABLE beats ({columns})")
    database.sql("GRANT SELECT ON beats TO monitor")
    for row in rows:
        database.sql(f"INSERT INTO beats VALUES ({row})")


BEATS = "table: beats, max_age: 10m"


def test_a_row_with_an_infinite_time_is_named_and_the_others_are_judged(database, tmp_path):
    beat = lambda options: ask(tmp_path, database, options, kind="heartbeat")
    beats_of(database, ["'fine', now()", "'odd', 'infinity'"])
    seen = beat(BEATS)
    assert (seen.outcome, seen.reason) == ("fail", "future") and 'odd has the time "infinity"' in seen.summary, seen
    assert beat(f"{BEATS}, job: fine").outcome == "pass"
    assert seen.values["jobs"] == 2, seen
    beats_of(database, ["'fine', now()", "'old', now() - interval '1 hour'", "'odd', '-infinity'"])
    seen = beat(BEATS)
    assert (seen.outcome, seen.reason) == ("fail", "missing") and 'odd has the time "-infinity"' in seen.summary, seen
    assert "1 more of 3 are unwell" in seen.summary, seen
    running = f"{BEATS}, running: {{column: state, since_column: started_at, max: 1h}}"
    for start in ["infinity", "-infinity"]:
        beats_of(database, ["'fine', now(), 0, NULL, 'idle', 'infinity'", f"'odd', now(), 0, NULL, 'running', '{start}'"])
        seen = beat(running)
        assert (seen.outcome, seen.reason) == ("fail", "content") and f'odd says it runs, since "{start}"' in seen.summary, seen
        assert beat(f"{running}, job: fine").outcome == "pass"
    beats_of(database, ["'far', '294276-12-31'", "'ancient', '4713-01-01 BC'"])
    assert beat(f"{BEATS}, job: far").reason == "future"
    assert beat(f"{BEATS}, job: ancient").reason == "stale_data"


# The zone of the database, the type of the column, what the job wrote, the options: the outcome.
ZONES = [
    ("America/New_York", "timestamp", "now() AT TIME ZONE 'UTC'", "", "content"),
    ("America/New_York", "timestamp", "now() AT TIME ZONE 'America/New_York'", "", "content"),
    ("America/New_York", "date", "CURRENT_DATE", "", "content"),
    ("America/New_York", "timestamptz", "now()", "", "none"),
    ("America/New_York", "timestamptz", "now()", ", zone: Asia/Tokyo", "none"),
    ("America/New_York", "timestamp", "now() AT TIME ZONE 'UTC'", ", zone: UTC", "none"),
    ("America/New_York", "timestamp", "now() AT TIME ZONE 'UTC'", ", set: {timezone: UTC}", "none"),
    ("America/New_York", "timestamp", "now() AT TIME ZONE 'UTC'", ", schedule: '* * * * *', zone: UTC", "content"),
    ("America/New_York", "timestamp", "now() AT TIME ZONE 'UTC'", ", schedule: '* * * * *', zone: Asia/Tokyo, set: {TimeZone: UTC}", "none"),
    ("America/New_York", "timestamp", "now() AT TIME ZONE 'America/New_York'", ", zone: America/New_York", "none"),
    ("America/New_York", "timestamp", "now() AT TIME ZONE 'UTC'", ", zone: America/New_York", "future"),
    ("America/New_York", "timestamp", "now() AT TIME ZONE 'America/New_York'", ", zone: UTC", "stale_data"),
    ("Asia/Tokyo", "timestamp", "(now() - interval '9 hours') AT TIME ZONE 'Asia/Tokyo'", "", "content"),
    ("UTC", "timestamp", "now() AT TIME ZONE 'UTC'", "", "none"),
    ("Etc/UTC", "timestamp", "now() AT TIME ZONE 'UTC'", "", "none"),
    ("GMT", "timestamp", "now() AT TIME ZONE 'UTC'", "", "none"),
    ("UTC", "timestamp", "now() AT TIME ZONE 'UTC' - interval '1 hour'", "", "stale_data"),
    ("UTC", "timestamp", "now() AT TIME ZONE 'Asia/Tokyo'", ", zone: Asia/Tokyo", "none"),
    ("UTC", "timestamp", "now() AT TIME ZONE 'UTC'", ", schedule: '* * * * *', zone: Asia/Tokyo", "none"),
]


@pytest.mark.parametrize("zone, kind, value, options, reason", ZONES)
def test_a_time_without_a_zone_is_judged_only_where_its_zone_is_known(zone, kind, value, options, reason, database, tmp_path):
    database.sql(f"ALTER DATABASE postgres SET timezone = '{zone}'")
    try:
        beats_of(database, [f"'runner', {value}"], f"name text, last_heartbeat {kind}, consecutive_failures int DEFAULT 0, last_error text")
        seen = ask(tmp_path, database, BEATS + options, kind="heartbeat")
        assert (seen.outcome, seen.reason) == ("pass" if reason == "none" else "fail", reason), seen
        if reason == "content":
            assert "last_heartbeat" in seen.summary and ("timestamp without time zone" if kind == "timestamp" else "date") in seen.summary and zone in seen.summary, seen
    finally:
        database.sql("ALTER DATABASE postgres RESET timezone")


# Who sets which zone, PGTZ of the prober and options of its URL: what comes of a timestamp that was written in the zone of the database.
# A beat of an hour ago, written in Berlin, is a fresh one to a session in UTC.
WHOSE = [
    ("Europe/Berlin", "monitor", "UTC", {}, "", "content", "the database's zone is Europe/Berlin"),
    ("Europe/Berlin", None, None, {"PGTZ": "UTC"}, "", "content", "the database's zone is Europe/Berlin"),
    ("Europe/Berlin", None, None, {"PGOPTIONS": "-c timezone=UTC"}, "", "content", "the database's zone is Europe/Berlin"),
    ("Europe/Berlin", None, None, {}, "?options=-c%20timezone%3DUTC", "content", "the database's zone is Europe/Berlin"),
    ("UTC", "monitor", "Europe/Berlin", {}, "", "stale_data", "1h"),
    ("UTC", None, None, {"PGTZ": "Europe/Berlin"}, "", "stale_data", "1h"),
    ("UTC", None, None, {}, "?options=-c%20timezone%3DEurope/Berlin", "stale_data", "1h"),
    ("UTC", "writer", "Europe/Berlin", {}, "", "content", 'the role "writer", which may write it, has the zone Europe/Berlin'),
    ("UTC", "writer", "Etc/UTC", {}, "", "stale_data", "1h"),
    ("UTC", "overseer", "Europe/Berlin", {}, "", "stale_data", "1h"),
    (None, "monitor", "UTC", {}, "", "content", "is hidden by the one that this role or client sets, UTC"),
    (None, None, None, {}, "?options=-c%20timezone%3DUTC", "content", "is hidden by the one that this role or client sets, UTC"),
    (None, None, None, {"PGTZ": "Asia/Tokyo"}, "", "stale_data", "1h"),
]


@pytest.mark.parametrize("zone, role, own, env, options, reason, words", WHOSE)
def test_the_zone_of_the_database_counts_and_not_the_one_of_this_session(zone, role, own, env, options, reason, words, database, tmp_path):
    beats_of(database, [f"'runner', now() AT TIME ZONE '{zone or 'UTC'}' - interval '1 hour'"],
             "name text, last_heartbeat timestamp, consecutive_failures int DEFAULT 0, last_error text")
    database.sql("DROP ROLE IF EXISTS writer; CREATE ROLE writer LOGIN; GRANT INSERT ON beats TO writer")
    try:
        if zone:
            database.sql(f"ALTER DATABASE postgres SET timezone = '{zone}'")
        if role:
            database.sql(f"ALTER ROLE {role} SET timezone = '{own}'")
        url = f"'{database.monitor}{options}'"
        seen = rig.run_check(tmp_path, f"heartbeat: {{database: {url}, {BEATS}}}", env=env)
        assert (seen.outcome, seen.reason) == ("fail", reason) and words in seen.summary, seen
        assert rig.run_check(tmp_path, f"heartbeat: {{database: {url}, {BEATS}, zone: {zone or 'UTC'}}}", env=env).reason == "stale_data"
    finally:
        database.sql("ALTER DATABASE postgres RESET timezone; ALTER ROLE monitor RESET timezone; ALTER ROLE overseer RESET timezone; DROP TABLE beats; DROP ROLE writer")


def test_a_view_is_computed_in_the_zone_of_the_database(database, tmp_path):
    beats_of(database, ["'runner', now() AT TIME ZONE 'Asia/Tokyo'"], "name text, at timestamp, consecutive_failures int DEFAULT 0, last_error text")
    database.sql("ALTER DATABASE postgres SET timezone = 'Asia/Tokyo'; ALTER ROLE monitor SET timezone = 'UTC'")
    try:
        database.sql("CREATE VIEW beats_seen AS SELECT name, at::timestamptz AS last_heartbeat, consecutive_failures, last_error FROM beats; GRANT SELECT ON beats_seen TO monitor")
        seen = ask(tmp_path, database, BEATS.replace("beats", "beats_seen"), kind="heartbeat")
        assert seen.outcome == "pass", seen
    finally:
        database.sql("DROP VIEW beats_seen; ALTER DATABASE postgres RESET timezone; ALTER ROLE monitor RESET timezone")


def test_since_when_a_job_runs_needs_a_zone_as_well(database, tmp_path):
    database.sql("ALTER DATABASE postgres SET timezone = 'America/New_York'")
    try:
        beats_of(database, ["'runner', now(), 0, NULL, 'running', now() AT TIME ZONE 'UTC'"],
                 "name text, last_heartbeat timestamptz, consecutive_failures int, last_error text, state text, started_at timestamp")
        options = f"{BEATS}, running: {{column: state, since_column: started_at, max: 1h}}"
        seen = ask(tmp_path, database, options, kind="heartbeat")
        assert seen.reason == "content" and "started_at" in seen.summary, seen
        assert ask(tmp_path, database, f"{options}, zone: UTC", kind="heartbeat").outcome == "pass"
    finally:
        database.sql("ALTER DATABASE postgres RESET timezone")


@pytest.mark.parametrize("kind, value, words", [
    ("text", "now()::text", "a text"), ("varchar(40)", "now()::text", "a character varying(40)"), ("bigint", "extract(epoch from now())::bigint", "a bigint"),
    ("json", "to_json(now())", "a json"), ("interval", "'1 minute'", "an interval"), ("time", "localtime", "a time without time zone"),
    ("timetz", "now()::timetz", "a time with time zone"), ("tstzrange", "'[now,now]'", "a tstzrange"), ("clock", "localtime", "a clock"), ("timestamptz[]", "ARRAY[now()]", "a timestamp with time zone[]")])
def test_a_column_that_holds_no_times_is_named_with_its_type(kind, value, words, database, tmp_path):
    database.sql("DROP DOMAIN IF EXISTS clock CASCADE; CREATE DOMAIN clock AS time; DROP DOMAIN IF EXISTS moment CASCADE; CREATE DOMAIN moment AS timestamptz")
    for more in ("", ", zone: UTC"):
        beats_of(database, [f"'runner', {value}"], f"name text, last_heartbeat {kind}, consecutive_failures int DEFAULT 0, last_error text")
        seen = ask(tmp_path, database, BEATS + more, kind="heartbeat")
        assert (seen.outcome, seen.reason) == ("fail", "content") and f'column "last_heartbeat" is {words}, wanted a timestamptz' in seen.summary, seen
        beats_of(database, [f"'runner', now(), 0, NULL, 'running', {value}"],
                 f"name text, last_heartbeat moment, consecutive_failures int DEFAULT 0, last_error text, state text, started_at {kind}")
        assert ask(tmp_path, database, BEATS + more, kind="heartbeat").outcome == "pass"
        seen = ask(tmp_path, database, f"{BEATS}{more}, running: {{column: state, since_column: started_at, max: 1h}}", kind="heartbeat")
        assert (seen.outcome, seen.reason) == ("fail", "content") and f'column "started_at" is {words}, ' in seen.summary, seen


def migration(folder, revision, down=None, more=""):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{revision}_x.py").write_text(f"revision = {revision!r}\ndown_revision = {down!r}\n{more}")


def test_migrations(database, tmp_path):
    versions = tmp_path / "versions"
    migration(versions, "a")
    migration(versions, "merge_1", ("a",))
    assert ask(tmp_path, database, f"migrations: {{folder: {versions}}}").outcome == "pass"
    migration(versions, "c", "merge_1")
    seen = ask(tmp_path, database, f"migrations: {{folder: {versions}}}")
    assert "at merge_1, wanted c" in seen.summary, seen
    assert ask(tmp_path, database, "migrations: {command: [echo, merge_1 (head)]}").outcome == "pass"
    assert ask(tmp_path, database, "migrations: {command: ['false']}").outcome == "fail"
    assert ask(tmp_path, database, f"migrations: {{folder: {tmp_path}/none}}").reason == "missing"
    assert ask(tmp_path, database, f"migrations: {{folder: {versions}, table: nowhere}}").reason == "missing"


def test_migrations_that_others_depend_on(database, tmp_path):
    versions = tmp_path / "versions"
    migration(versions, "a")
    migration(versions, "merge_1", None, "branch_labels = ('app',)\ndepends_on = (\n    # 'x',\n    'a',  # before ours\n)\n")
    seen = ask(tmp_path, database, f"migrations: {{folder: {versions}}}")
    assert seen.outcome == "pass", seen  # the table has no row for a: Alembic counts it as done
    migration(versions, "merge_1", "a")
    migration(versions, "b", "merge_1", "depends_on = 'nowhere'\n")
    seen = ask(tmp_path, database, f"migrations: {{folder: {versions}}}")
    assert (seen.outcome, seen.reason) == ("fail", "content") and 'b_x.py depends on "nowhere"' in seen.summary, seen
    heads = lambda text: ask(tmp_path, database, f"migrations: {{command: [printf, '{text}']}}")
    assert heads("merge_1 (app) (head)\\na (effective head)\\n").outcome == "pass"
    assert heads("a (head)\\nmerge_1 (effective head)\\n").reason == "content"
    seen = heads("Rev: merge_1 (head)\\n")
    assert seen.reason == "error" and "--verbose" in seen.summary, seen


def test_nothing_of_a_migration_is_run(database, tmp_path):
    mark = tmp_path / "ran"
    migration(tmp_path / "versions", "merge_1", None, f"open({str(mark)!r}, 'w')\n")
    assert ask(tmp_path, database, f"migrations: {{folder: {tmp_path}/versions}}").outcome == "pass"
    assert not mark.exists()
    migration(tmp_path / "versions", "merge_1", None, "revision = input()\n")
    seen = ask(tmp_path, database, f"migrations: {{folder: {tmp_path}/versions}}")
    assert (seen.outcome, seen.reason) == ("fail", "content") and "merge_1_x.py:3: `revision` is computed" in seen.summary, seen


def test_migrations_below_the_folder(database, tmp_path):
    versions = tmp_path / "versions"
    migration(versions, "merge_1")
    migration(versions / "2026" / "11", "b", "merge_1")
    (versions / "__pycache__").mkdir()
    migration(versions / "__pycache__", "c", "merge_1")
    look = lambda more="": ask(tmp_path, database, f"migrations: {{folder: {versions}{more}}}")
    seen = look()
    assert (seen.outcome, seen.reason) == ("warn", "content") and "1 revision below the folder" in seen.summary and "2026/11/b_x.py" in seen.summary, seen
    assert look(", recursive: false").outcome == "pass"
    seen = look(", recursive: true")
    assert seen.outcome == "fail" and "at merge_1, wanted b" in seen.summary, seen


def test_migrations_where_an_alembic_ini_says(database, tmp_path):
    app = tmp_path / "app"
    migration(app / "migrations" / "versions", "merge_1")
    look = lambda more="": ask(tmp_path, database, f"migrations: {{config: {app}/alembic.ini{more}}}")
    write = lambda text: (app / "alembic.ini").write_text(text)
    assert look().reason == "missing"
    write("[alembic]\nscript_location = %(here)s/migrations\nsqlalchemy.url = postgres://u:p%%40x@h/d\n[loggers]\nkeys = root\n")
    assert look().outcome == "pass"
    migration(app / "plugin", "b", "merge_1")
    write("[alembic]\nscript_location = migrations\nversion_path_separator = os\nversion_locations = %(here)s/migrations/versions:plugin\n")
    seen = look()
    assert seen.outcome == "fail" and "wanted b" in seen.summary, seen
    write("[alembic]\nscript_location = migrations\nversion_locations = migrations/versions gone\n")
    seen = look()
    assert seen.outcome == "warn" and "gone, which does not exist" in seen.summary, seen
    migration(app / "migrations" / "versions" / "new", "c", "merge_1")
    write("[alembic]\nscript_location = migrations\nrecursive_version_locations = true\n")
    assert "wanted c" in look().summary
    write("[alembic]\nscript_location = migrations\nrecursive_version_locations = True\n")
    seen = look()
    assert seen.outcome == "warn" and "only `true` is true" in seen.summary, seen
    write("[alembic]\nscript_location = migrations\nrecursive_version_locations = false\n[billing]\nscript_location = elsewhere\n")
    assert look().outcome == "pass"
    seen = look(", name: billing")
    assert seen.outcome == "fail" and "holds no Alembic revision" in seen.summary, seen
    write("[alembic]\nscript_location = app:migrations\n")
    seen = look()
    assert seen.reason == "content" and "Python package" in seen.summary, seen


def test_a_statement_without_end_is_ended_at_the_server(database, tmp_path):
    seen = ask(tmp_path, database, "query: SELECT pg_sleep(600), expect: {min_rows: 0}", timeout="1s")
    assert (seen.outcome, seen.reason) == ("fail", "timeout"), seen
    rig.wait_until(lambda: not database.sql("SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND state = 'active' AND pid <> pg_backend_pid()"),
                   "the server ended it")


def test_a_server_that_stands_still(database, tmp_path):
    os.kill(database.process.child.pid, signal.SIGSTOP)
    try:
        seen = ask(tmp_path, database, "primary: true", timeout="1s")
        assert (seen.outcome, seen.reason) == ("fail", "timeout"), seen
    finally:
        os.kill(database.process.child.pid, signal.SIGCONT)
    assert ask(tmp_path, database, "primary: true").outcome == "pass"


def test_out_of_connections(database, tmp_path):
    import psycopg2
    taken = []
    try:
        with pytest.raises(psycopg2.OperationalError):
            for _ in range(20):
                taken.append(psycopg2.connect(database.monitor))
        seen = ask(tmp_path, database, "primary: true")
        assert (seen.outcome, seen.reason) == ("fail", "database"), seen
        assert "connection" in seen.summary
    finally:
        for connection in taken:
            connection.close()


def test_a_restart_and_wrong_credentials(database, tmp_path):
    assert ask(tmp_path, database, "primary: true", url=database.url("monitor", "wrong-password-1")).reason == "auth"
    assert ask(tmp_path, database, "primary: true", url=database.url("nobody", "x-password-x")).reason == "auth"
    assert ask(tmp_path, database, "primary: true", url=database.url("monitor", "monitor-password-1", "nothing")).reason == "missing"
    database.stop()
    assert ask(tmp_path, database, "primary: true").reason == "connect"
    database.start()
    assert ask(tmp_path, database, "primary: true").outcome == "pass"


def test_a_standby_and_its_lag(database, tmp_path):
    """A real standby by pg_basebackup; its replay is paused."""
    import subprocess
    data = database.folder / "standby"
    environment = {**os.environ, "PGPASSWORD": "Vr7-mBq2-kX9-tLw4"}
    subprocess.run([*database.prefix, str(database.BIN / "pg_basebackup"), "-D", str(data), "-R", "-h", "127.0.0.1", "-p", str(database.port),
                    "-U", "postgres", "-c", "fast"], check=True, env=environment, capture_output=True)
    port = rig.free_port()
    with open(data / "postgresql.auto.conf", "a") as conf:
        conf.write(f"\nport = {port}\n")
    standby = rig.Process([*database.prefix, str(database.BIN / "postgres"), "-D", str(data)], database.folder / "standby.log")
    url = database.monitor.replace(str(database.port), str(port))
    try:
        rig.wait_until(lambda: ask(tmp_path, database, "primary: false", url=url).outcome == "pass", "the standby answers")
        overseer = database.url("overseer", "overseer-password")
        rig.wait_until(lambda: ask(tmp_path, database, "min_standbys: 1, max_lag: 1h", url=overseer).outcome == "pass", "the primary streams")
        seen = ask(tmp_path, database, "max_lag: 1h")
        assert (seen.outcome, seen.reason) == ("unknown", "permission") and "pg_monitor" in seen.summary, seen
        assert "in recovery" in ask(tmp_path, database, "primary: true", url=url).summary
        assert ask(tmp_path, database, "max_lag: 1h", url=url).outcome == "pass"
        import psycopg2
        paused = psycopg2.connect(database.url().replace(str(database.port), str(port)))
        paused.autocommit = True
        database.sql("CREATE TABLE before_the_pause ()")
        cursor = paused.cursor()

        def has_replayed():
            cursor.execute("SELECT to_regclass('before_the_pause'), pg_last_xact_replay_timestamp()")
            return all(cursor.fetchone())

        rig.wait_until(has_replayed, "the standby replays")
        cursor.execute("SELECT pg_wal_replay_pause()")
        paused.close()
        database.sql("CREATE TABLE more AS SELECT generate_series(1, 1000) AS n")
        rig.wait_until(lambda: ask(tmp_path, database, "max_lag: 100ms", url=url).reason == "threshold", "the lag is seen")
    finally:
        standby.stop(signal.SIGINT)


def test_a_server_that_accepts_and_never_answers(tmp_path, database):
    import http_test
    silent = http_test.Hostile("hang")
    try:
        seen = ask(tmp_path, database, "primary: true", timeout="1s", url=f"postgresql://u:silent-password@127.0.0.1:{silent.port}/x")
        assert (seen.outcome, seen.reason) == ("fail", "timeout"), seen
    finally:
        silent.close()


def test_tls_is_proven(tmp_path_factory, tmp_path):
    """A certificate of the right name, of another, and an expired one."""
    folder = tmp_path_factory.mktemp("tls")
    authority = rig.Authority(folder)
    server = rig.Postgres(folder / "pg", "ssl=on\nssl_cert_file='server.crt'\nssl_key_file='server.key'\nssl=off")
    # The last line of a setting counts: on, once the files are there.
    cases = {"right": (["localhost"], {}, "pass", "none"), "wrong": (["other.test"], {}, "fail", "tls"),
             "expired": (["localhost"], {"not_before": rig.NOW - 20 * rig.DAY, "not_after": rig.NOW - rig.DAY}, "fail", "tls")}
    with open(server.folder / "data" / "postgresql.conf", "a") as conf:
        conf.write("ssl=on\n")
    try:
        for name, (names, dates, outcome, reason) in cases.items():
            server.stop()
            for source, target in zip(authority.issue(name, names, **dates), ("server.crt", "server.key")):
                path = server.folder / "data" / target
                path.write_bytes(pathlib.Path(source).read_bytes())
                path.chmod(0o600)
                if os.getuid() == 0:
                    import pwd
                    user = pwd.getpwnam("postgres")
                    os.chown(path, user.pw_uid, user.pw_gid)
            server.start()
            url = server.url().replace("127.0.0.1", "localhost") + f"?sslmode=verify-full&sslrootcert={authority.path}"
            seen = ask(tmp_path, server, "primary: true", url=url)
            assert (seen.outcome, seen.reason) == (outcome, reason), (name, seen)
    finally:
        server.stop()
