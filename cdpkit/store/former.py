"""Timeline events that others took the place of, put into a layer of their own, so that reading what is there is short.

What was there at a commit, and what an undo brings back, is the same before and after.
"""

import polars as pl

from cdpkit.errors import ConflictError
from cdpkit.store.attempt import attempt
from cdpkit.store.data_file import DataFile, write_file
from cdpkit.store.small_files import MOST_FILES, ROWS_A_GROUP, by_row
from cdpkit.store.table import Table

HERE, GONE, FORMER = "here", "gone", "former"
SHARE = 0.05
_LINE = ["key", "seq"]


def fold(table: Table) -> None:
    """Put former events apart when they have become many, and small files of each layer together."""
    gone, here = _of(table, GONE), _of(table, HERE)
    many = sum(file.rows for file in gone) > SHARE * sum(file.rows for file in here)
    if gone and (many or len(gone) > MOST_FILES):
        _put_apart(table, here, gone)
    by_row(table)


def _of(table: Table, layer: str) -> list[DataFile]:
    return [file for file in table.files() if file.partition == layer]


def _put_apart(table: Table, here: list[DataFile], gone: list[DataFile]) -> None:
    """Commit the layers without the former events of a file after the other; left for the next time when others do."""
    table.intact(gone)
    columns = [name for name in table.schema if name != table.partition]
    over = table.scan(gone, columns).select("key", seq="of", of="seq").collect()
    removed, former = list(gone), [pl.DataFrame(schema={name: table.schema[name] for name in columns})]
    try:
        with attempt() as made:

            def add(rows: pl.DataFrame, layer: str) -> None:
                file = write_file(table.root, rows.select(columns), partition=layer, rows_a_group=ROWS_A_GROUP)
                made.add(table.root, [file])

            for file in here:
                lines = table.scan([file], columns)
                found = lines.select(_LINE).join(over.lazy(), on=_LINE, how="semi").collect()
                if found.is_empty():
                    continue
                table.intact([file])
                former.append(lines.drop("of").join(over.lazy(), on=_LINE, how="inner").select(columns).collect())
                left = lines.join(over.lazy(), on=_LINE, how="anti", maintain_order="left").collect()
                removed.append(file)
                if left.height:
                    add(left, HERE)
            apart = pl.concat(former).sort("row")
            rest = table.scan(gone, columns).join(apart.lazy(), left_on=["key", "of"], right_on=_LINE, how="anti")
            for rows, layer in ((apart, FORMER), (rest.collect(), GONE)):
                if rows.height:
                    add(rows, layer)
            table.commit([file for _, file in made.made], removed, transactions={"cdpkit-former": 1})
    except ConflictError:
        return
