"""A county of synthetic people: who they are, how their courses of treatment went, and the API calls that say so.

Nobody here is real and nothing is drawn from a clock: the same seed gives the same people, and ``today`` is an
argument of what is said about them. The sandbox, the benchmarks and the tests share it.
"""

from app.sandbox.county.call import Call
from app.sandbox.county.calls import calls
from app.sandbox.county.course import Course, Leg, Week
from app.sandbox.county.people import DEFAULT_COUNT, DEFAULT_SEED, Resident, people

__all__ = ["DEFAULT_COUNT", "DEFAULT_SEED", "Call", "Course", "Leg", "Resident", "Week", "calls", "people"]
