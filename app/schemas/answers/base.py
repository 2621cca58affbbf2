"""What every answer is made of."""

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Base of every answer: no unknown keys."""

    model_config = ConfigDict(extra="forbid")


class Open(BaseModel):
    """Base of an answer that repeats the sender's own words beside what is named here."""

    model_config = ConfigDict(extra="allow")
