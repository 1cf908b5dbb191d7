"""What the members of enumerations are called on the screen, and with which tone (colour and icon) they are shown."""

from enum import StrEnum
from typing import Final

from registry.accounts.tables import Role
from registry.agencies.query import Coverage, Existence
from registry.agencies.tables import AgencyEventKind, AgencyLevel
from registry.agency_imports.columns import AgencyField
from registry.alerts.tables import NoticeTopic, RecipientRole
from registry.bulk.tables import BulkOutcome, BulkState
from registry.bulk.views import BulkFilter
from registry.certificates.query import Flag, Standing
from registry.certificates.succession import Decision
from registry.certificates.tables import CertificateEventKind, Custody, Medium, SubscriberKind
from registry.imports.columns import ListField
from registry.imports.tables import AgencyStanding, ImportChoice, ImportState, ItemOutcome
from registry.imports.views import ItemFilter
from registry.mail.tables import AddressFault, MailEventKind, MailState
from registry.trust.tables import TrustRole
from registry.web.translation import mark as _
from registry.webhooks.tables import DeliveryState

LABELS: Final[dict[type[StrEnum], dict[str, str]]] = {
    Role: {
        Role.ADMINISTRATOR: _("Administrator"),
        Role.OFFICER: _("Officer of an agency"),
        Role.AUDITOR: _("Auditor"),
    },
    AgencyLevel: {
        AgencyLevel.PROVINCE: _("Province"),
        AgencyLevel.DISTRICT: _("District"),
        AgencyLevel.SUBORDINATE: _("Subordinate unit"),
        AgencyLevel.COMMUNE: _("Commune"),
        AgencyLevel.SCHOOL: _("School"),
    },
    TrustRole: {
        TrustRole.ANCHOR: _("trust anchor"),
        TrustRole.INTERMEDIATE: _("intermediate CA"),
    },
    Existence: {
        Existence.EXISTING: _("existing"),
        Existence.ENDED: _("ended"),
        Existence.ALL: _("existing and ended"),
    },
    Coverage: {
        Coverage.COVERED: _("with a valid organisation certificate"),
        Coverage.UNCOVERED: _("without a valid organisation certificate"),
    },
    AgencyEventKind: {
        AgencyEventKind.ESTABLISHED: _("Established"),
        AgencyEventKind.RENAMED: _("Renamed"),
        AgencyEventKind.MOVED: _("Placed under another body"),
        AgencyEventKind.CONTACT_CHANGED: _("Contact changed"),
        AgencyEventKind.MERGED: _("Merged into a successor"),
        AgencyEventKind.SPLIT: _("Split into successors"),
        AgencyEventKind.ABSORBED: _("Took over another body"),
        AgencyEventKind.DISSOLVED: _("Dissolved"),
        AgencyEventKind.CORRECTED: _("Entry corrected"),
    },
    SubscriberKind: {
        SubscriberKind.ORGANISATION: _("Organisation"),
        SubscriberKind.PERSON: _("Person"),
        SubscriberKind.DEVICE: _("Device or software"),
    },
    Medium: {
        Medium.TOKEN: _("USB token"),
        Medium.SIM: _("SIM PKI"),
        Medium.CENTRAL: _("Central HSM"),
        Medium.UNKNOWN: _("Not known"),
    },
    Custody: {
        Custody.NOT_HANDED_OVER: _("Not handed over yet"),
        Custody.HANDED_OVER: _("Handed over"),
        Custody.RETURNED: _("Returned"),
        Custody.LOST: _("Lost"),
        Custody.LOCKED: _("Locked"),
    },
    Standing: {
        Standing.NOT_YET_VALID: _("Not yet valid"),
        Standing.ACTIVE: _("Active"),
        Standing.SUSPENDED: _("Suspended"),
        Standing.EXPIRED: _("Expired"),
        Standing.REVOKED: _("Revoked"),
    },
    Flag: {
        Flag.NAMES_ENDED_BODY: _("Former body"),
        Flag.WEAK: _("Weak algorithm"),
        Flag.UNKNOWN_CA: _("Unknown CA"),
        Flag.REPLACED: _("Replaced"),
        Flag.NOT_REPLACED: _("Not replaced yet"),
    },
    CertificateEventKind: {
        CertificateEventKind.REGISTERED: _("Entered in the register"),
        CertificateEventKind.ISSUED: _("Issued"),
        CertificateEventKind.RENEWED: _("Renewed"),
        CertificateEventKind.EXTENDED: _("Extended"),
        CertificateEventKind.CONTENT_CHANGED: _("Issued with changed content"),
        CertificateEventKind.REPLACED: _("Replaced by another certificate"),
        CertificateEventKind.REASSIGNED: _("Assigned to another agency"),
        CertificateEventKind.HOLDER_CHANGED: _("Holder changed"),
        CertificateEventKind.SUSPENDED: _("Suspended"),
        CertificateEventKind.RESUMED: _("Resumed"),
        CertificateEventKind.REVOKED: _("Revoked"),
        CertificateEventKind.HANDED_OVER: _("Device handed over"),
        CertificateEventKind.RETURNED: _("Device returned"),
        CertificateEventKind.LOST: _("Device reported lost"),
        CertificateEventKind.LOCKED: _("Device locked"),
        CertificateEventKind.RECOVERED: _("Device recovered"),
        CertificateEventKind.CORRECTED: _("Entry corrected"),
        CertificateEventKind.NOTED: _("Note"),
    },
    Decision: {
        Decision.CHANGE: _("Change: the successor takes it over"),
        Decision.REVOKE: _("Revoke"),
        Decision.KEEP: _("Leave as it is for now"),
    },
    MailState: {
        MailState.PENDING: _("Waiting"),
        MailState.SENDING: _("Being sent"),
        MailState.SENT: _("Sent"),
        MailState.FAILED: _("Refused"),
        MailState.HELD: _("Held back"),
        MailState.BOUNCED: _("Came back"),
        MailState.CANCELLED: _("Cancelled, nothing left to tell"),
        MailState.SUPERSEDED: _("Told by a newer mail"),
    },
    DeliveryState: {
        DeliveryState.PENDING: _("Waiting"),
        DeliveryState.SENDING: _("Being sent"),
        DeliveryState.SENT: _("accepted"),
        DeliveryState.FAILED: _("Given up"),
        DeliveryState.DROPPED: _("dropped"),
    },
    RecipientRole: {
        RecipientRole.AGENCY: _("The agency responsible"),
        RecipientRole.HOLDER: _("The holder"),
        RecipientRole.STAND_IN: _("In place of an agency that cannot be reached"),
        RecipientRole.SUPERIOR: _("The body above, as nobody reacted"),
        RecipientRole.ADMINISTRATOR: _("The administrators, as nobody reacted"),
    },
    NoticeTopic: {
        NoticeTopic.LAPSE: _("A CA certificate or CRL is about to lapse"),
        NoticeTopic.REVOCATION: _("The certificate was revoked"),
        NoticeTopic.COVERAGE: _("The agency has no valid organisation certificate"),
    },
    MailEventKind: {
        MailEventKind.ACCEPTED: _("Accepted by the mail server"),
        MailEventKind.DEFERRED: _("Not taken this time"),
        MailEventKind.REFUSED: _("Refused by the mail server"),
        MailEventKind.UNWRITTEN: _("Could not be written this time"),
        MailEventKind.INTERRUPTED: _("Interrupted, sent again as the same mail"),
        MailEventKind.DELAYED: _("Still on its way"),
        MailEventKind.BOUNCED: _("Came back"),
        MailEventKind.DELIVERED: _("Put into the mailbox"),
        MailEventKind.COMPLAINED: _("Reported as unwanted"),
        MailEventKind.HELD: _("Held back"),
        MailEventKind.RELEASED: _("Let go"),
        MailEventKind.HURRIED: _("Sent before its time"),
        MailEventKind.RESENT: _("To be tried again"),
        MailEventKind.SHORTENED: _("Some certificates left out, settled meanwhile"),
        MailEventKind.CANCELLED: _("Cancelled, nothing left to tell"),
        MailEventKind.SUPERSEDED: _("Told by a newer mail"),
        MailEventKind.TOOK_OVER: _("Tells what an older, unsent mail was to tell"),
    },
    AddressFault: {
        AddressFault.REFUSED: _("The mail server knows no such mailbox"),
        AddressFault.BOUNCED: _("A mail came back for good"),
        AddressFault.BOUNCED_REPEATEDLY: _("Several mails in a row came back"),
        AddressFault.COMPLAINED: _("The recipient reported a mail as unwanted"),
    },
    ImportState: {
        ImportState.RECEIVED: _("Being read"),
        ImportState.READY: _("Waiting for your decision"),
        ImportState.APPLYING: _("Being entered"),
        ImportState.APPLIED: _("Entered"),
        ImportState.UNDOING: _("Being taken back"),
        ImportState.UNDONE: _("Taken back"),
        ImportState.DISCARDED: _("Discarded"),
        ImportState.REFUSED: _("Refused"),
    },
    ImportChoice: {
        ImportChoice.ALL: _("Everything"),
        ImportChoice.GOOD: _("The good ones"),
        ImportChoice.NONE: _("Nothing"),
    },
    BulkState: {
        BulkState.RECEIVED: _("Being looked at"),
        BulkState.READY: _("Waiting for your decision"),
        BulkState.APPLYING: _("Being recorded"),
        BulkState.APPLIED: _("Has been recorded"),
        BulkState.DISCARDED: _("Discarded"),
        BulkState.REFUSED: _("Refused"),
    },
    BulkOutcome: {
        BulkOutcome.PENDING: _("Not looked at yet"),
        BulkOutcome.GOOD: _("Would be changed"),
        BulkOutcome.REFUSED: _("Not possible"),
        BulkOutcome.DONE: _("Changed"),
        BulkOutcome.CHANGED: _("Left as it is"),
    },
    BulkFilter: {
        BulkFilter.TOTAL: _("Everything"),
        BulkFilter.GOOD: _("Would be changed"),
        BulkFilter.DONE: _("Changed"),
        BulkFilter.CHANGED: _("Left as it is"),
        BulkFilter.REFUSED: _("Not possible"),
    },
    ItemOutcome: {
        ItemOutcome.NEW: _("New"),
        ItemOutcome.KNOWN: _("Known already"),
        ItemOutcome.RENEWS: _("Takes the place of another"),
        ItemOutcome.COMPLETES: _("Completes an entry"),
        ItemOutcome.DIFFERS: _("Differs from the register"),
        ItemOutcome.REFUSED: _("Refused"),
    },
    ItemFilter: {
        ItemFilter.TOTAL: _("Everything"),
        ItemFilter.NEW: _("New"),
        ItemFilter.RENEWS: _("Takes the place of another"),
        ItemFilter.COMPLETES: _("Completes an entry"),
        ItemFilter.DIFFERS: _("Differs from the register"),
        ItemFilter.KNOWN: _("Known already"),
        ItemFilter.REFUSED: _("Refused"),
        ItemFilter.GOOD: _("The good ones"),
        ItemFilter.DOUBTFUL: _("Doubtful agency"),
        ItemFilter.MISSING: _("No agency found"),
    },
    AgencyStanding: {
        AgencyStanding.CERTAIN: _("Certain"),
        AgencyStanding.CONFIRMED: _("Confirmed"),
        AgencyStanding.DOUBTFUL: _("Doubtful agency"),
        AgencyStanding.MISSING: _("No agency found"),
    },
    ListField: {
        ListField.SERIAL: _("Serial number"),
        ListField.SHA256: _("SHA-256"),
        ListField.HOLDER: _("Holder"),
        ListField.FAMILY_NAME: _("Family and middle name"),
        ListField.KIND: _("Kind"),
        ListField.POSITION: _("Position"),
        ListField.AGENCY: _("Agency"),
        ListField.AGENCY_CODE: _("Code of the agency"),
        ListField.PARENT_AGENCY: _("Body above the agency"),
        ListField.TAX_CODE: _("Tax code"),
        ListField.BUDGET_CODE: _("Budget code"),
        ListField.EMAIL: _("Official e-mail"),
        ListField.MEDIUM: _("Medium"),
        ListField.DEVICE_NUMBER: _("Device number"),
        ListField.ICCID: _("ICCID of the SIM"),
        ListField.ISSUER: _("Issuer"),
        ListField.ISSUED_AT: _("Day of issue"),
        ListField.NOT_BEFORE: _("Valid from"),
        ListField.NOT_AFTER: _("Valid until"),
        ListField.VALIDITY: _("Valid from and until"),
        ListField.STATUS: _("Status"),
        ListField.REVOKED_AT: _("Day of revocation"),
        ListField.REVOCATION_REASON: _("Reason of revocation"),
        ListField.CUSTODY: _("Where the device is"),
        ListField.HANDED_OVER_AT: _("Handed over on"),
        ListField.HANDED_OVER_BY: _("Handed over by"),
        ListField.ORIGIN: _("How it was issued"),
        ListField.REPLACES: _("Takes the place of (serial number)"),
        ListField.NOTE: _("Note"),
        ListField.NUMBER: _("Number in the list"),
        ListField.NAMED_AGENCY_CODE: _("Code of the agency named in the certificate"),
        ListField.FORMER_POSITION: _("Former position"),
        ListField.FORMER_AGENCY: _("Former agency"),
    },
    AgencyField: {
        AgencyField.NUMBER: _("Number in the list"),
        AgencyField.CODE: _("Code"),
        AgencyField.NAME: _("Name"),
        AgencyField.LEVEL: _("Level"),
        AgencyField.PARENT_CODE: _("Code of the superior body"),
        AgencyField.PARENT: _("Superior body"),
        AgencyField.EMAIL: _("Official e-mail"),
        AgencyField.ADDRESS: _("Address"),
        AgencyField.TAX_CODE: _("Tax code"),
        AgencyField.BUDGET_CODE: _("Budget code"),
        AgencyField.SINCE: _("In force from"),
        AgencyField.ENDED: _("Day of the end"),
        AgencyField.LAST_DAY: _("Last day"),
        AgencyField.FORMER_NAMES: _("Former names"),
        AgencyField.SUCCESSORS: _("Successors"),
        AgencyField.DOCUMENT: _("Legal document"),
        AgencyField.END_DOCUMENT: _("Legal document of the end"),
        AgencyField.NOTE: _("Note"),
    },
}
"""English names, which are also the message identifiers of the catalogs."""

_TONES: Final[dict[type[StrEnum], dict[str, str]]] = {
    Standing: {
        Standing.NOT_YET_VALID: "unknown",
        Standing.ACTIVE: "valid",
        Standing.SUSPENDED: "undetermined",
        Standing.EXPIRED: "invalid",
        Standing.REVOKED: "invalid",
    },
    Flag: {
        Flag.NAMES_ENDED_BODY: "undetermined",
        Flag.WEAK: "undetermined",
        Flag.UNKNOWN_CA: "undetermined",
        Flag.REPLACED: "unknown",
        Flag.NOT_REPLACED: "undetermined",
    },
    MailState: {
        MailState.PENDING: "unknown",
        MailState.SENDING: "unknown",
        MailState.SENT: "valid",
        MailState.FAILED: "invalid",
        MailState.HELD: "undetermined",
        MailState.BOUNCED: "invalid",
        MailState.CANCELLED: "unknown",
        MailState.SUPERSEDED: "unknown",
    },
    DeliveryState: {
        DeliveryState.PENDING: "unknown",
        DeliveryState.SENDING: "unknown",
        DeliveryState.SENT: "valid",
        DeliveryState.FAILED: "invalid",
        DeliveryState.DROPPED: "unknown",
    },
    ImportState: {
        ImportState.RECEIVED: "unknown",
        ImportState.READY: "undetermined",
        ImportState.APPLYING: "unknown",
        ImportState.APPLIED: "valid",
        ImportState.UNDOING: "unknown",
        ImportState.UNDONE: "unknown",
        ImportState.DISCARDED: "unknown",
        ImportState.REFUSED: "invalid",
    },
    BulkState: {
        BulkState.RECEIVED: "unknown",
        BulkState.READY: "undetermined",
        BulkState.APPLYING: "unknown",
        BulkState.APPLIED: "valid",
        BulkState.DISCARDED: "unknown",
        BulkState.REFUSED: "invalid",
    },
    BulkOutcome: {
        BulkOutcome.PENDING: "unknown",
        BulkOutcome.GOOD: "valid",
        BulkOutcome.REFUSED: "invalid",
        BulkOutcome.DONE: "valid",
        BulkOutcome.CHANGED: "undetermined",
    },
    ItemOutcome: {
        ItemOutcome.NEW: "valid",
        ItemOutcome.KNOWN: "unknown",
        ItemOutcome.RENEWS: "valid",
        ItemOutcome.COMPLETES: "valid",
        ItemOutcome.DIFFERS: "undetermined",
        ItemOutcome.REFUSED: "invalid",
    },
    AgencyStanding: {
        AgencyStanding.CERTAIN: "valid",
        AgencyStanding.CONFIRMED: "valid",
        AgencyStanding.DOUBTFUL: "undetermined",
        AgencyStanding.MISSING: "invalid",
    },
}


REVOCATION_REASONS: Final[dict[str, str]] = {
    "unspecified": _("No reason given"),
    "keyCompromise": _("Key exposed"),
    "cACompromise": _("Key of the CA exposed"),
    "affiliationChanged": _("Data of the holder changed"),
    "superseded": _("Replaced by another certificate"),
    "cessationOfOperation": _("No longer in use"),
    "certificateHold": _("Suspended"),
    "removeFromCRL": _("Suspension lifted"),
    "privilegeWithdrawn": _("Right withdrawn"),
    "aACompromise": _("Key of the attribute authority exposed"),
}
"""Reason codes of RFC 5280, 5.3.1."""


def label(member: StrEnum) -> str:
    """The English name of an enumeration's member; raises `KeyError` for an enumeration without names."""
    return LABELS[type(member)][member]


def tone(member: StrEnum) -> str:
    """`valid`, `invalid`, `undetermined` or `unknown`."""
    return _TONES[type(member)][member]


def reason_label(code: str) -> str:
    """The English name of a reason of revocation; an unknown code is shown as it is."""
    return REVOCATION_REASONS.get(code, code)
