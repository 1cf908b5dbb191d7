"""What the subject of a certificate says, in the order in which each generation says it."""

from registry.certificates.tables import SubscriberKind
from registry.clock import local_day
from registry.demo.province.agencies import Agency
from registry.demo.province.drafts import Draft, Generation


def subject_of(draft: Draft, agencies: tuple[Agency, ...]) -> tuple[tuple[str, str], ...]:
    """Attributes of the subject, by short name, with the data of the day of issue.

    G1: `C, O, OU…, L, CN`. G2: `C, L, O, OU…, CN`, with the names of agencies in capitals, and with the tax and budget
    codes of an agency or the e-mail address of a person. OU repeats, from the superior body down.
    """
    day = local_day(draft.issued_at)
    state = draft.agency.state_on(day)
    units = [agencies[state.parent - 1].state_on(day).name] if state.parent else []
    if draft.subscriber.kind is SubscriberKind.PERSON:
        units.append(state.name)
    top = f"Ủy ban nhân dân tỉnh {state.province}"
    if draft.generation is Generation.G1:
        return (
            ("C", "VN"),
            ("O", top),
            *(("OU", unit) for unit in units),
            ("L", state.province),
            ("CN", draft.subscriber.holder),
        )
    head = (("C", "VN"), ("L", state.province), ("O", top.upper()), *(("OU", unit.upper()) for unit in units))
    if draft.subscriber.kind is SubscriberKind.PERSON:
        return (*head, ("CN", draft.subscriber.holder), ("E", draft.subscriber.email))
    codes = (("UID", f"MST:{state.tax_code}"), ("UID", f"MNS:{state.budget_code}"))
    return (*head, ("CN", draft.subscriber.holder.upper()), *codes)
