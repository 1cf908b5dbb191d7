"""Reading what a ledger or a proof is asked for from the parameters of an address."""

from collections.abc import Iterable

from registry.alerts.proving.period import Period
from registry.alerts.proving.proof import ProofRequest
from registry.parameters import ParameterReader

_LAST_ROW = 2**63 - 1


def read_period(parameters: Iterable[tuple[str, str]]) -> Period:
    """`from` and `until`, days in Viet Nam. Raises `InvalidInput`."""
    read = ParameterReader(parameters)
    return Period(read.day("from"), read.day("until"))


def read_proof_request(parameters: Iterable[tuple[str, str]]) -> ProofRequest:
    """`certificate` or `agency`, `from`, `until`, and `subtree` for the units below too. Raises `InvalidInput`."""
    pairs = tuple(parameters)
    read = ParameterReader(pairs)
    return ProofRequest(
        certificate_id=read.integer("certificate", minimum=1, maximum=_LAST_ROW),
        agency_id=read.integer("agency", minimum=1, maximum=_LAST_ROW),
        period=read_period(pairs),
        with_subtree=read.boolean("subtree") or False,
    )
