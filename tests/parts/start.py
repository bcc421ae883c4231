"""Start the parts that are named (all when none is), and print what a shell needs to use them.

``eval "$(python tests/parts/start.py engine base_image)"`` leaves ``DOCKER_HOST`` in the shell.
``python tests/parts/start.py stop`` ends what was started; what was made is kept.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from parts import MissingPart, base_image, engine, registry

PARTS = ("engine", "base_image", "registry")


def main(names: list[str]) -> int:
    """Start the named parts, or end them."""
    if names == ["stop"]:
        registry.stop()
        engine.stop()
        return 0
    unknown = set(names) - set(PARTS)
    if unknown:
        print(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    wanted = set(names or PARTS)
    try:
        if wanted & {"engine", "base_image"}:
            host = engine.start()
            print(f"export DOCKER_HOST={host}", flush=True)
            if "base_image" in wanted:
                print(f"export AML_TEST_IMAGE={base_image.make(host)}", flush=True)
        if "registry" in wanted:
            print(f"export AML_TEST_REGISTRY={registry.start().address}", flush=True)
    except MissingPart as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
