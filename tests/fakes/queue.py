"""A queue that keeps its jobs, so that a test can look at them or run them."""

from certs.messages import message
from registry.errors import Unavailable
from registry.jobs import JobMessage


class RecordingQueue:
    def __init__(self) -> None:
        self.jobs: list[JobMessage] = []
        self.is_down = False

    def send(self, job: JobMessage) -> None:
        if self.is_down:
            raise Unavailable(message("queue.unavailable"))
        self.jobs.append(job)

    def take(self) -> list[JobMessage]:
        jobs, self.jobs = self.jobs, []
        return jobs
