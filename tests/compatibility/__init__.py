"""Whether software written for the contract of the last tag still works with this one; see docs/decisions/0023."""
