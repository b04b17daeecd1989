"""Starts bqemulator on the given port. DuckDB finds its extension in a folder of this process instead of on the internet."""

import os
import pathlib
import sys
import tempfile

import duckdb
import duckdb_extension_spatial

home = tempfile.mkdtemp(prefix="nozama-bigquery-")
platform = duckdb.sql("PRAGMA platform").fetchone()[0]
version = "v" + duckdb.__version__
extension = pathlib.Path(duckdb_extension_spatial.__file__).parent / "extensions" / version / "spatial.duckdb_extension"
folder = pathlib.Path(home, ".duckdb", "extensions", version, platform)
folder.mkdir(parents=True)
(folder / extension.name).symlink_to(extension)
os.environ["HOME"] = home
from bqemulator.cli import main  # noqa: E402, with the folder above

ports = ["--rest-port", sys.argv[1], "--grpc-port", "0"]
main(["start", *ports, "--ephemeral", "--log-level", "error"])
