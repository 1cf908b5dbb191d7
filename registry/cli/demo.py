"""`registry demo`."""

from pathlib import Path
from typing import Annotated

import typer

from registry.demo.prepared import read_logins
from registry.demo.supervisor import Demo, check_writable, run_demo
from registry.redis_socket import redis_socket

app = typer.Typer(add_completion=False)

_ROLES = {
    "administrator": "quản trị viên của tỉnh / administrator",
    "officer": "cán bộ của một cơ quan / officer",
    "auditor": "kiểm toán, chỉ xem / auditor, reads",
}


@app.command(epilog="Example: registry demo --data-dir ./var/demo --port 8000")
def run(
    data_dir: Annotated[Path, typer.Option(help="Folder of everything the demo keeps.")] = Path("var/demo"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the web on 127.0.0.1.")] = 8000,
    *,
    prepare: Annotated[bool, typer.Option("--prepare", help="Only fill the folder, then end.")] = False,
) -> None:
    """Run everything on this machine with a demonstration province, until Ctrl-C."""
    directory = data_dir.absolute()
    check_writable(directory)
    if prepare:
        # Imported here, because the supervisor is to stay small.
        from registry.demo.prepare import prepare as fill  # noqa: PLC0415
        from registry.settings import Settings  # noqa: PLC0415

        fill(Settings.from_environ(data_dir=directory, database_url="", redis_url=""))
        typer.echo(f"The demonstration province is ready in {directory}.", err=True)
        return
    demo = Demo(directory.resolve(), redis_socket(directory), port)
    run_demo(demo, say=typer.echo, banner=_banner)


def _banner(demo: Demo) -> str:
    logins = read_logins(demo.directory)
    width = max(len(login.username) for login in logins)
    lines = [
        f"    {login.username:<{width}}  {login.password:<{width + 5}}  {_ROLES[login.role]}"
        + (f" ({login.agency})" if login.agency else "")
        for login in logins
    ]
    return "\n".join(
        (
            "",
            f"  Sổ đăng ký chứng thư / Certificate registry:  {demo.address}",
            "",
            "  Đăng nhập / Sign in:",
            *lines,
            "",
            f"  Hộp thư demo / Mail:        {demo.address}/demo/mail   ({demo.mail})",
            f"  Kiểm tra văn bản / Verify:  {demo.address}/verify",
            f"      thử với / try with:     {demo.directory / 'documents'}",
            f"  Nhật ký / Logs:             {demo.logs}",
            "",
            "  Thử trước / Try first: mở trang đầu, thả một tệp PDF vào trang kiểm tra, rồi xem thư báo hết hạn;",
            "  open the first page, drop a PDF on the verification page, then read the expiry mail.",
            "",
            "  Ctrl-C dừng tất cả / stops everything.",
        )
    )
