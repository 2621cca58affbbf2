"""Doorbells on their way out: the address, the signature, the schedule, the request. Given values, returns values."""
