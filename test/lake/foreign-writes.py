"""Writes to a table as others do. Arguments: what (optimize, checkpoint, append), and the table's folder."""
import sys

import deltalake
import pyarrow

what, folder = sys.argv[1:]
table = deltalake.DeltaTable(folder)
if what == "optimize":
    print(table.optimize.compact())
elif what == "checkpoint":
    table.create_checkpoint()
elif what == "append":
    query = "select * replace (position + 1000 as position) from t order by position desc limit 1"
    rows = pyarrow.table(deltalake.QueryBuilder().register("t", table).execute(query).read_all())
    deltalake.write_deltalake(table, rows, mode="append")
