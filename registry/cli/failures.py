"""What went wrong, as a sentence and an exit code: the one table of the command line.

Imported only when something did go wrong: `registry verify` must not wait for the database's libraries.
"""

import re
import traceback
from typing import Final

from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import InterfaceError, OperationalError
from typer.exceptions import TyperException

from certs.names import display_name
from registry.errors import InvalidInput, RegistryError

WRONG_USE: Final = 2
NOT_DONE: Final = 3

_QUOTED: Final = re.compile(r'"(\w+)"')
_DATABASE_FAILS: Final = (
    "The database does not do its work: {reason}. See whether it runs and REGISTRY_DATABASE_URL is right; "
    "`registry doctor` looks at every part."
)


def explain(error: Exception) -> tuple[int, str]:
    """The exit code of `error`, and what is left to say of it. No value of a setting is repeated: it may be a password."""
    match error:
        case InvalidInput():
            code, said = WRONG_USE, error.reason.text("en")
        case RegistryError():
            code, said = NOT_DONE, error.reason.text("en")
        case TyperException():
            code, said = _explain_use(error)
        case ValidationError() if error.title == "Settings":
            code, said = WRONG_USE, _explain_settings(error)
        case SettingsError():
            # It names the field in its sentence only.
            name = next(iter(_QUOTED.findall(str(error))), "…").upper()
            code, said = WRONG_USE, f"REGISTRY_{name} has to be written as JSON, for example [90, 30, 7]."
        case OperationalError() | InterfaceError():
            code, said = NOT_DONE, _DATABASE_FAILS.format(reason=display_name(str(error.orig).partition("\n")[0]))
        case OSError():
            where = f" ({error.filename})" if error.filename else ""
            code, said = NOT_DONE, f"Could not do it: {error.strerror or error}{where}."
        case _:
            traceback.print_exception(error)
            code, said = NOT_DONE, "This was not foreseen. Send what stands above to whoever looks after the program."
    return code, said


def _explain_use(error: TyperException) -> tuple[int, str]:
    said = " ".join(error.format_message().replace("Value error, ", "").split()).rstrip(".")
    if not said:  # the help was shown instead
        return error.exit_code, ""
    context = getattr(error, "ctx", None)
    command = "registry" if context is None else context.command_path
    return error.exit_code, f"{command}: {said}. See `{command} --help`."


def _explain_settings(error: ValidationError) -> str:
    faults = []
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        said = each["msg"].removeprefix("Value error, ")
        name = ".".join(map(str, each["loc"]))
        faults.append(f"REGISTRY_{name.upper()}: {said}" if name else said)
    return f"A setting cannot be used: {'; '.join(faults)}."
