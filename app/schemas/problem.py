"""RFC 9457 problem documents."""

from pydantic import BaseModel, ConfigDict


class FlawDocument(BaseModel):
    """One thing wrong: where, a stable code, a sentence to act on."""

    model_config = ConfigDict(extra="forbid")

    pointer: str
    code: str
    detail: str
    section: str | None = None


class ProblemDocument(BaseModel):
    """A problem: never a stack trace, never an echo of input, never a hint about another person's data."""

    model_config = ConfigDict(extra="forbid")

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FlawDocument] | None = None
    hint: str | None = None
