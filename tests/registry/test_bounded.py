"""Whatever a task does, the caller gets an outcome and goes on."""

import os
import select
import signal
import subprocess
import sys
import tempfile

import pytest

from registry.bounded import BoundedPool, Bounds, Failure, StartFailed

BOUNDS = Bounds(cpu_seconds=0.3, wall_seconds=2.0, memory_bytes=200 * 1024 * 1024)


def make(context):
    """The factory that children run; `context` is added to what a task answers."""
    if context == "refuse":
        raise ValueError("this context is of no use")

    def act(task):
        match task:
            case "spin":
                while True:
                    pass
            case "wait":
                signal.pause()
            case "eat":
                return len(bytearray(400 * 1024 * 1024))
            case "die":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "raise":
                raise RuntimeError("a task's own mistake")
            case "write":
                with tempfile.TemporaryFile(buffering=0) as file:
                    file.write(b"x")
            case _:
                return f"{context}{task}"
        return None

    return act


def pool(context="", **more):
    return BoundedPool(f"{__name__}:make", context, **{"bounds": BOUNDS, **more})


def test_tasks_are_done_on_several_children():
    with pool("=", workers=2) as children:
        outcomes = {o.index: o.value for o in children.map(str(n) for n in range(20))}
    assert outcomes == {n: f"={n}" for n in range(20)}


@pytest.mark.parametrize(
    ("task", "failure"),
    [
        ("spin", Failure.TIME),
        ("wait", Failure.TIME),
        ("eat", Failure.MEMORY),
        ("die", Failure.CRASH),
        ("raise", Failure.CRASH),
        ("write", Failure.CRASH),
    ],
)
def test_a_task_that_breaks_a_bound_stops_and_the_next_one_is_done(task, failure):
    with pool() as children:
        assert children.run(task).failure is failure
        assert children.run("next").value == "next"


def test_every_task_has_an_outcome_among_bad_ones():
    with pool(workers=2) as children:
        outcomes = {o.payload: o for o in children.map(["a", "die", "b", "spin", "c", "eat", "d"])}
    assert {task for task, o in outcomes.items() if o.failure is None} == {"a", "b", "c", "d"}


def test_a_context_that_is_of_no_use_is_told():
    with pool("refuse") as children, pytest.raises(StartFailed, match="of no use"):
        children.run("anything")


def test_children_are_replaced_after_their_share_of_tasks():
    with pool(bounds=Bounds(tasks_per_child=2)) as children:
        assert [children.run(str(n)).value for n in range(5)] == ["0", "1", "2", "3", "4"]


def test_no_child_outlives_the_pool():
    with pool() as children:
        children.run("x")
        (child,) = children._children
    assert not child.process.is_alive()


def test_a_waiting_child_ends_itself_when_its_caller_was_killed():
    program = (
        "from tests.registry.test_bounded import pool\n"
        "children = pool()\n"
        "children.run('ready')\n"
        "print(children._children[0].process.pid, flush=True)\n"
        "children.run('wait')\n"
    )
    caller = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    child = os.pidfd_open(int(caller.stdout.readline()))
    caller.kill()
    caller.communicate()
    ended, _, _ = select.select([child], [], [], 30)
    os.close(child)
    assert ended
