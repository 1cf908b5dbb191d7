"""Settings, read once by an entry point and handed down; nothing else reads the environment."""

import os
import secrets
from datetime import date, time
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from registry.redis_socket import redis_socket

DATABASE_FILE: Final = "registry.db"
_SECRET_CHARACTERS: Final = 32
"""Fewer can be tried out by whoever sees one thing that was signed."""


class Settings(BaseSettings):
    """Everything an operator can set, as `REGISTRY_<NAME>`. Every setting works as it is on one machine."""

    model_config = SettingsConfigDict(env_prefix="REGISTRY_", frozen=True, extra="ignore")

    data_dir: Path = Field(Path("var/registry"), description="Folder of all state kept in files.")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the data directory.")
    redis_url: str = Field("", description="Redis URL of the job queue; empty: the socket in the data directory.")
    smtp_url: str = Field(
        "smtp://127.0.0.1:8025", description="`smtp://`, `smtp+starttls://` or `smtps://` with user and password."
    )
    smtp_connections: int = Field(4, ge=1, le=50, description="Connections to the mail server at once, of one worker.")
    mail_from: str = Field("chungthuso@tinh.example", description="Sender address of all mail.")
    bounce_address: str = Field(
        "",
        description="Where undeliverable mail is returned to; `{id}` stands for the message. Empty: the sender address.",
    )
    bounce_imap_url: SecretStr = Field(
        SecretStr(""),
        description="Mailbox in which undeliverable mail arrives, `imaps://user:password@host/folder`; empty: none.",
    )
    bounce_webhook_secret: SecretStr = Field(
        SecretStr(""),
        description="Signs undeliverable mail that a mail server hands in over HTTP, 32 characters or more; empty: refused.",
    )
    mails_per_minute: int = Field(0, ge=0, description="Mails that leave in one minute at most; 0: no limit.")
    mails_per_minute_and_domain: int = Field(
        0, ge=0, description="Mails that leave to one recipient domain in one minute at most; 0: no limit."
    )
    administrator_email: str = Field(
        "chungthuso@tinh.example", description="Told when an agency and the bodies above it have no address."
    )
    public_url: str = Field(
        "http://127.0.0.1:8000", description="Address under which people reach the pages; used in mail."
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs cookies and links, 32 characters or more; empty: made once, kept in the data directory.",
    )
    language: str = Field("vi", description="Language where a person has not chosen one: `vi` or `en`.")
    province_name: str = Field("Tỉnh Bắc Giang", description="Name shown in headings and mail.")

    upload_limit_bytes: int = Field(50 * 1024 * 1024, gt=0, description="Largest accepted document.")
    verification_wait_seconds: float = Field(
        0.9, ge=0, le=30, description="How long a request waits for a verdict before it answers 202."
    )
    verification_seconds: float = Field(20, gt=0, description="Time one verification may take before it is ended.")
    verification_memory_bytes: int = Field(700 * 1024 * 1024, gt=0, description="Memory one verification may use.")
    verification_is_public: bool = Field(True, description="Whether documents may be verified without signing in.")
    revocation_mode: str = Field(
        "warn", pattern="^(required|warn)$", description="What missing revocation evidence does to a verdict."
    )

    outbound_allowed_hosts: tuple[str, ...] = Field(
        (), description="Hosts that outbound requests may reach at addresses which are not public, as a JSON list."
    )

    alert_steps_days: tuple[int, ...] = Field(
        (90, 60, 45, 30, 14, 7, 1, 0, -7), description="Days before expiry at which people are told."
    )
    alert_steps_days_by_kind: dict[Literal["organisation", "person", "device"], tuple[int, ...]] = Field(
        {}, description='Other steps for a kind of subscriber, e.g. `{"device": [120, 30, 7]}`.'
    )
    alert_catch_up_days: int = Field(
        30, ge=0, description="Days after the last step within which a missed alert is still made up for."
    )
    alert_works_every_day: bool = Field(
        False, description="Whether mail takes no notice of weekends and public holidays; else it goes out before them."
    )
    alert_days_off: tuple[date, ...] = Field(
        (), description='Days off beside weekends and public holidays, e.g. `["2027-02-11"]`.'
    )
    alert_days_worked: tuple[date, ...] = Field(
        (), description="Days worked in place of others (ngày làm bù) that the calendar does not know of."
    )
    alert_sending_opens: time = Field(time(7), description="Time of day in Viet Nam from which mail is sent.")
    alert_sending_closes: time = Field(
        time(20), description="Time of day in Viet Nam after which mail that can wait is held until the morning."
    )
    alert_holder_is_told: bool = Field(
        True, description="Whether the address in the certificate is told too, beside the agency."
    )
    alert_superior_step_days: int = Field(
        14, description="The superior body is told from this many days before expiry if nobody reacts."
    )
    alert_administrator_step_days: int = Field(
        1, description="The administrators are told from this many days before expiry if nobody reacts."
    )
    alert_reaction_workdays: int = Field(
        3, ge=1, le=60, description="Working days without a reaction after which a mail counts as unanswered."
    )
    alert_authority_steps_days: tuple[int, ...] = Field(
        (365, 180, 90, 60, 30, 14, 7, 1, 0, -7),
        description="Days before a CA certificate or trust anchor expires at which the administrators are told.",
    )
    alert_crl_steps_days: tuple[int, ...] = Field(
        (1, 0, -1, -7), description="Days before a CRL lapses without a newer one at which the administrators are told."
    )
    alert_history_days: int = Field(
        7, ge=0, description="What took effect longer than this before it was recorded is history and told to nobody."
    )
    alert_scan_overdue_hours: int = Field(
        26, gt=0, description="Hours without a successful scan after which the administrators are alarmed."
    )
    alert_due_unsent_hours: int = Field(
        26, gt=0, description="Hours after which something due that has not left alarms the administrators."
    )
    alert_refused_mails: int = Field(
        10, gt=0, description="Mails refused within a day and a half that alarm the administrators."
    )
    summary_weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "never"] = (
        Field("monday", description="Day of the weekly summary for the administrators; `never`: none is sent.")
    )
    summary_hour: int = Field(7, ge=0, le=23, description="Hour of the day in Viet Nam from which the summary is sent.")
    extension_minimum_days: int = Field(
        30, ge=0, description="Days before expiry after which a certificate can no longer be extended."
    )
    extension_maximum_count: int = Field(1, ge=0, description="How often one certificate may be extended.")

    session_hours: int = Field(10, gt=0, description="A session ends this long after signing in.")

    @field_validator("database_url")
    @classmethod
    def _check_database(cls, url: str) -> str:
        if not url:
            return url
        # Imported here, because `registry verify` reads settings and mostly needs no database.
        from sqlalchemy.engine import make_url  # noqa: PLC0415
        from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

        try:
            driver = make_url(url).drivername
        except (ArgumentError, ValueError):
            driver = None
        if driver not in {"sqlite", "postgresql", "postgresql+psycopg"}:
            raise ValueError(
                "write postgresql://user:password@host/name, or leave it out for SQLite in the data directory"
            )
        return url

    @field_validator("secret_key", "bounce_webhook_secret")
    @classmethod
    def _check_secret(cls, secret: SecretStr) -> SecretStr:
        if 0 < len(secret.get_secret_value()) < _SECRET_CHARACTERS:
            raise ValueError(f"has to have {_SECRET_CHARACTERS} characters or more; leave it out for the default")
        return secret

    @model_validator(mode="after")
    def _check_hours(self) -> Self:
        if self.alert_sending_opens >= self.alert_sending_closes:
            raise ValueError("alert_sending_opens has to be earlier than alert_sending_closes")
        return self

    @classmethod
    def from_environ(cls, **overrides: object) -> Self:
        """Read the environment; `overrides` win. Raises `pydantic.ValidationError` naming the setting at fault."""
        return cls(**overrides)  # type: ignore[arg-type]

    @property
    def resolved_database_url(self) -> str:
        """The database in use."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / DATABASE_FILE}"

    @property
    def resolved_redis_url(self) -> str:
        """The Redis in use, in the form that Celery reads (`redis://` or `redis+socket://`)."""
        return self.redis_url or f"redis+socket://{redis_socket(self.data_dir)}"

    @property
    def envelope_from(self) -> str:
        """The return address of mail, with `{id}` where the identity of a message goes."""
        return self.bounce_address or self.mail_from

    def make_data_dir(self) -> None:
        """Make the data directory where there is none, for nobody but us: it holds names, documents and the secret.

        One that exists keeps the rights that its owner gave it.
        """
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def blob_dir(self) -> Path:
        """Where uploaded documents are kept."""
        return self.data_dir / "blobs"


def load_secret_key(settings: Settings) -> bytes:
    """The key that signs cookies and links, at least 32 bytes; made on first use with mode 0600.

    Two processes that start at once agree on one key: the file is created exclusively and only read afterwards.
    Raises `OSError` when the data directory cannot be written.
    """
    if configured := settings.secret_key.get_secret_value():
        return configured.encode()
    path = settings.data_dir / "secret.key"
    settings.make_data_dir()
    fresh = settings.data_dir / f"secret.key.{os.getpid()}"
    if not path.exists():
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()
