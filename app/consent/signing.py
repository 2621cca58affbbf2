"""From proposed to active: who signed, who may sign, what is still to come (42 CFR 2.15, 2.31(a)(8), (9); domain 5.2)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from app.consent.instrument import Instant
from app.consent.local_time import end_of_day, micros, read, start_of_day, zone_of
from app.consent.proposal import Proposal
from app.consent.signature import Signature, Signing
from app.errors import Flaw
