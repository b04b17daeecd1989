"""Runs SQL statements on DuckDB or on Spark with Delta. Argument: duckdb or spark; LAKE_SPARK_JARS is the folder of Delta's JARs.

Standard input: a statement a line, as a JSON string. Standard output: for each a line of JSON, with the names of its columns
and its rows, or with its error. Days are ISO 8601, instants too, in UTC; decimals are numbers.
"""
import datetime
import decimal
import glob
import json
import os
import sys


def open_duckdb():
    import duckdb
    import duckdb_extension_delta

    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    base = os.path.dirname(duckdb_extension_delta.__file__)
    (extension,) = glob.glob(base + "/**/*.duckdb_extension", recursive=True)
    connection.execute(f"load '{extension}'")

    def run(statement):
        found = connection.execute(statement)
        return [name for name, *_ in found.description or []], found.fetchall()

    return run


def open_spark():
    from pyspark.sql import SparkSession

    settings = {
        "spark.jars": ",".join(glob.glob(os.environ["LAKE_SPARK_JARS"] + "/*.jar")),
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.driver.memory": "512m",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -Duser.timezone=UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.databricks.delta.snapshotPartitions": "2",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master("local[1]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")

    def run(statement):
        found = session.sql(statement)
        return found.columns, [list(row) for row in found.collect()]

    return run


def plain(cell):
    if isinstance(cell, decimal.Decimal):
        return float(cell)
    if isinstance(cell, (datetime.date, datetime.datetime)):
        return cell.isoformat()
    return cell if cell is None or isinstance(cell, (bool, int, float, str)) else str(cell)


def main():
    run = {"duckdb": open_duckdb, "spark": open_spark}[sys.argv[1]]()
    for line in sys.stdin:
        try:
            names, rows = run(json.loads(line))
            answer = {"names": names, "rows": [[plain(cell) for cell in row] for row in rows]}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:2000]}
        print(json.dumps(answer), flush=True)


main()
