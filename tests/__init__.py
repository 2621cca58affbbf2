"""The tests: one package, so that the oracle is imported by the same name everywhere."""
