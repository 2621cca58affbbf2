"""The command line: ``python -m app --help``."""

import argparse
import sys

from app.commands import administer, contract, documents, erase, explain, keys, operate, play


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 if all went well."""
    parser = argparse.ArgumentParser(prog="throughcare", description="Consent-gated exchange of justice and treatment")
    commands = parser.add_subparsers(required=True, metavar="command")
    for module in (operate, keys, erase, explain, administer, contract, documents, play):
        module.add(commands)
    chosen = parser.parse_args(arguments)
    code: int = chosen.run(chosen)
    return code


if __name__ == "__main__":
    sys.exit(main())
