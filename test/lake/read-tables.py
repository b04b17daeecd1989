"""Reads Delta tables with delta-rs, DuckDB and Polars and prints what each found, as JSON, one line for each question.

Standard input: a JSON list of questions {"table": folder, "where": SQL or null}. Instants are microseconds and dates days
since 1970, so that no reader's own years and time zones come in between.
"""
import glob
import json
import os
import sys

import deltalake
import duckdb
import duckdb_extension_delta
import polars
import pyarrow

KINDS = {
    "string": "string",
    "long": "int64",
    "integer": "int32",
    "boolean": "bool",
    "timestamp": "timestamp[us, tz=UTC]",
    "date": "date32[day]",
}
DUCKDB_KINDS = {
    "VARCHAR": "string",
    "BIGINT": "long",
    "INTEGER": "integer",
    "BOOLEAN": "boolean",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
    "DATE": "date",
}


def arrow_kind(kind):
    text = str(kind)
    if text in ("large_string", "string_view"):
        text = "string"
    return next((name for name, arrow in KINDS.items() if arrow == text), text)


def plain(table):
    """Rows as lists, by position; integers as text, as JSON's numbers are too small for them."""
    columns = []
    for column in table.columns:
        kind = arrow_kind(column.type)
        if kind == "timestamp":
            column = column.cast(pyarrow.int64())
        if kind == "date":
            column = column.cast(pyarrow.int32())
        cells = column.to_pylist()
        columns.append([str(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell for cell in cells])
    kinds = {name: arrow_kind(kind) for name, kind in zip(table.schema.names, table.schema.types)}
    rows = [list(row) for row in zip(*columns)]
    position = table.schema.names.index("position")
    rows.sort(key=lambda row: int(row[position]))
    return {"kinds": kinds, "names": table.schema.names, "rows": rows}


def by_delta_rs(folder, where):
    delta = deltalake.DeltaTable(folder)
    query = "select * from t" + (f" where {where}" if where else "")
    return plain(pyarrow.table(deltalake.QueryBuilder().register("t", delta).execute(query).read_all()))


def by_polars(folder, where):
    frame = polars.scan_delta(folder)
    if where:
        frame = polars.SQLContext(t=frame).execute(f"select * from t where {where}")
    return plain(frame.collect().to_arrow())


def open_duckdb():
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    base = os.path.dirname(duckdb_extension_delta.__file__)
    (extension,) = glob.glob(base + "/**/*.duckdb_extension", recursive=True)
    connection.execute(f"load '{extension}'")
    connection.execute("set timezone = 'UTC'")
    return connection


def by_duckdb(connection, folder, where):
    source = f"delta_scan('{folder}')" + (f" where {where}" if where else "")
    described = connection.execute(f"describe select * from {source}").fetchall()
    kinds = {name: DUCKDB_KINDS.get(kind, kind) for name, kind, *_ in described}
    # Beyond the years of its own conversion to Arrow it would overflow.
    plainly = {"timestamp": 'epoch_us("{0}")', "date": "date_diff('day', date '1970-01-01', \"{0}\")"}
    cells = [plainly.get(kind, '"{0}"').format(name) for name, kind in kinds.items()]
    rows = connection.execute(f"select {', '.join(cells)} from {source} order by position").fetchall()
    text = [[str(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell for cell in row] for row in rows]
    return {"kinds": kinds, "names": list(kinds), "rows": text}


def main():
    connection = open_duckdb()
    readers = {
        "delta-rs": by_delta_rs,
        "Polars": by_polars,
        "DuckDB": lambda folder, where: by_duckdb(connection, folder, where),
    }
    for question in json.load(sys.stdin):
        found = {}
        for name, read in readers.items():
            try:
                found[name] = read(question["table"], question["where"])
            except BaseException as error:  # pyo3 raises its panics beside Exception
                found[name] = {"error": f"{type(error).__name__}: {error}"[:500]}
        print(json.dumps(found), flush=True)


main()
