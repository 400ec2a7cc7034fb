"""What is told about tags."""

from pydantic import BaseModel, ConfigDict, Field


class TagCount(BaseModel):
    """A tag and the number of traces that carry it."""

    model_config = ConfigDict(from_attributes=True)

    tag: str
    count: int


class TagList(BaseModel):
    """Tags, the most used first."""

    items: list[TagCount] = Field(description="The most used first.")
