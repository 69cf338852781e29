"""Answers predicates with DuckDB: reads {"columns", "rows", "predicates"} from standard input, writes a list of answers per predicate."""

import json
import sys

import duckdb

asked = json.load(sys.stdin)
database = duckdb.connect(":memory:")
database.execute("SET TimeZone = 'UTC'")
database.execute("CREATE MACRO has(items, item) AS list_contains(items, item)")
database.execute(
    "CREATE MACRO has_only(items, a) AS list_has_all([a], items), (items, a, b) AS list_has_all([a, b], items), "
    "(items, a, b, c) AS list_has_all([a, b, c], items)"
)
columns = ", ".join(f"{name} {kind}" for name, kind in asked["columns"])
database.execute(f"CREATE TABLE rows (position BIGINT, {columns})")
places = ", ".join("?" for _ in range(len(asked["columns"]) + 1))
database.executemany(f"INSERT INTO rows VALUES ({places})", asked["rows"])
answers = []
for predicate in asked["predicates"]:
    try:
        rows = database.execute(f"SELECT CAST(({predicate}) AS BOOLEAN) FROM rows ORDER BY position").fetchall()
    except duckdb.Error as error:
        sys.exit(f"DuckDB refuses {predicate!r}: {error}")
    answers.append([row[0] for row in rows])
json.dump(answers, sys.stdout)
