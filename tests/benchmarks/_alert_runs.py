"""One piece of the alerts' work in a process of its own: how long, how much processor time, how much memory."""

# ruff: noqa: T201 - a benchmark prints

import gc
import logging
import multiprocessing
import resource
import statistics
import time
from dataclasses import dataclass, field, replace

import structlog

from registry.runtime import Runtime
from tests.benchmarks._processor_time import ProcessorClock
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue


@dataclass(frozen=True)
class Run:
    """What one run took, or the medians of several."""

    elapsed: float
    processor: float
    """Of the process and of the database server's processes that worked for it."""
    memory_before: int
    memory_peak: int
    """MiB, of the process."""
    counts: dict[str, int] = field(default_factory=dict)
    best: float = 0


def build(settings, at):
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    return Runtime.build(settings, clock=FakeClock(at), queue=RecordingQueue())


def in_process(work, *arguments):
    """Do it in a fresh process, so that the peak of its memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def repeated(times, work, *arguments, before=lambda: None):
    """Do it in as many fresh processes, each after `before`."""
    runs = []
    for _ in range(times):
        before()
        runs.append(in_process(work, *arguments))
    middle = statistics.median
    return replace(
        runs[-1],
        elapsed=middle(run.elapsed for run in runs),
        processor=middle(run.processor for run in runs),
        memory_peak=max(run.memory_peak for run in runs),
        best=min(run.elapsed for run in runs),
    )


def measured(work, engine=None):
    gc.collect()
    clock = ProcessorClock(engine) if engine is not None else None
    now = clock.now if clock else time.process_time
    before = memory()
    processor, elapsed = now(), time.perf_counter()
    counts = work()
    processor, elapsed = now() - processor, time.perf_counter() - elapsed
    if clock:
        clock.close()
    return Run(elapsed, processor, before, memory(), counts or {}, elapsed)


def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def show_head(*counts):
    print(
        f"{'':40}{'p50 s':>8}{'best s':>8}{'CPU s':>8}{'MiB before':>12}{'added':>7}"
        + "".join(f"{name:>10}" for name in counts)
    )


def show(name, run):
    print(
        f"{name:40}{run.elapsed:>8.2f}{run.best:>8.2f}{run.processor:>8.2f}"
        f"{run.memory_before:>12}{run.memory_peak - run.memory_before:>7}"
        + "".join(f"{count:>10,}" for count in run.counts.values()),
        flush=True,
    )
