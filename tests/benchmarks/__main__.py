"""`python -m tests.benchmarks NAME [options]`: run one benchmark by the name of its module."""

import importlib
import pkgutil
import sys

import tests.benchmarks


def main():
    names = sorted(m.name for m in pkgutil.iter_modules(tests.benchmarks.__path__) if not m.name.startswith("_"))
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        sys.exit(f"usage: python -m tests.benchmarks {{{','.join(names)}}} [options]")
    importlib.import_module(f"tests.benchmarks.{sys.argv[1]}").main(sys.argv[2:])


if __name__ == "__main__":
    main()
