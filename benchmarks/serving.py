"""``python -m benchmarks.serving``: the baseline application, served with the options of the shipped one."""

import os
import sys

from app import serving
from app.settings import Settings


def main() -> int:
    """Serve until stopped."""
    settings = Settings.from_environment(os.environ)
    serving.serve(settings.host, settings.port, application="benchmarks.baseline:create_app")
    return 0


if __name__ == "__main__":
    sys.exit(main())
