"""What a batch is answered."""

from typing import Literal

from app.schemas.answers.base import Answer
from app.schemas.problem import FlawDocument


class BatchProblem(Answer):
    """Why an item was not filed; pointers lead into the batch."""

    code: str
    detail: str
    errors: list[FlawDocument] | None = None


class BatchResult(Answer):
    """What became of one item: 201 filed, or the status that a request of its own would have had."""

    index: int
    status: Literal[201, 404, 409, 422]
    id: str | None = None
    patient_id: str | None = None
    problem: BatchProblem | None = None


class BatchResults(Answer):
    """One result for each item, in the order sent."""

    results: list[BatchResult]
