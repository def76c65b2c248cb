"""What every shape of the REST interface is written with: days, moments, amounts, references, fields by key."""

from typing import Annotated

from pydantic import Field, JsonValue

from sledi.tracking.schemas import Moment as Moment
from sledi.tracking.schemas import Shape as Shape

FIELDS_MAX = 60

Day = Annotated[str, Field(json_schema_extra={"format": "date"})]
Reference = Annotated[
    str,
    Field(max_length=60, description="A number as people write it (an item: 7KQM-3XF4.2), or an id"),
]
Fields = Annotated[
    dict[str, JsonValue],
    Field(max_length=FIELDS_MAX, description="By key, as GET …/moves describes them; amounts in major units"),
]


class MoneyOut(Shape):
    amount: str = Field(description="In major units")
    currency: str


class PhotoOut(Shape):
    id: str
    url: str = Field(description="For whoever may see it; with the same key or session")
    preview_url: str
