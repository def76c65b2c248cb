"""Rows of a table by a plain statement: the same objects as a queryset gives, for the few reads every move makes.

Composing a queryset costs more than the database needs to answer it; here the statement is composed once.
"""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models

M = TypeVar("M", bound=models.Model)


def rows(model: type[M], rest: str, parameters: Sequence[Any]) -> list[M]:
    """The rows of ``SELECT … FROM table t`` and the ``rest`` of the statement, which is a constant of the caller."""
    select, names, documents = _columns(model)
    found = []
    with connection.cursor() as cursor:
        cursor.execute(f"{select} {rest}", parameters)
        for values in cursor.fetchall():
            row = list(values)
            for place in documents:
                row[place] = json.loads(row[place])
            found.append(model.from_db(DEFAULT_DB_ALIAS, names, row))
    return found


@cache
def _columns(model: type[models.Model]) -> tuple[str, list[str], list[int]]:
    """The beginning of the statement, the attributes in its order, and which of them come as JSON text."""
    fields = list(model._meta.concrete_fields)
    columns = ", ".join(f't."{field.column}"' for field in fields)
    documents = [place for place, field in enumerate(fields) if isinstance(field, models.JSONField)]
    select = f'SELECT {columns} FROM "{model._meta.db_table}" t'  # noqa: S608  names of our own tables
    return select, [field.attname for field in fields], documents
