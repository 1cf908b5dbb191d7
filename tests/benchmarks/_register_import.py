"""One step of an import in a process of its own, so that the memory it takes is told of it alone: reading or entering.

python -m tests.benchmarks._register_import DATA_DIRECTORY DATABASE_URL NUMBER
"""

# ruff: noqa: T201 - a benchmark prints

import json
import logging
import sys
import time
from pathlib import Path

from registry.imports.processing import process_import
from registry.runtime import Runtime
from registry.settings import Settings
from tests.fakes.queue import RecordingQueue
from tests.fakes.reader import DirectReader


def main():
    directory, url, number = sys.argv[1:]
    logging.disable(logging.CRITICAL)
    runtime = Runtime.build(Settings(data_dir=Path(directory), database_url=url), queue=RecordingQueue())
    processor, elapsed = time.process_time(), time.perf_counter()
    process_import(runtime.database, Path(directory) / "imports", int(number), reader=DirectReader())
    spent = time.process_time() - processor, time.perf_counter() - elapsed
    runtime.close()
    print(json.dumps([*spent, most_memory()]))


def most_memory():
    """MiB that this process had at most; `getrusage` would tell of the larger process that started it."""
    told = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(told.split()[1]) / 1024


if __name__ == "__main__":
    main()
