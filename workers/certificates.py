"""Jobs of the certificates."""

from registry.certificates import counts_upkeep
from registry.jobs import SumUpCountsJob
from workers.resources import Resources


def sum_up_counts(resources: Resources, job: SumUpCountsJob) -> None:
    """Sum up what the kept counts are made of; several may run at once."""
    del job
    with resources.runtime.database.write() as uow:
        counts_upkeep.sum_up(uow)
