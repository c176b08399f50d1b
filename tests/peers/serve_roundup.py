"""Makes a Roundup tracker in an empty folder and serves it: serve_roundup.py FOLDER WEB-ADDRESS."""

import pathlib
import sys

from roundup.admin import AdminTool
from roundup.cgi.wsgi_handler import RequestDispatcher
from waitress import create_server

ROUNDS = "password_pbkdf2_default_rounds"
SETTINGS = {"web": None, "domain": "example.test", "host": "localhost"}


def admin(home, *arguments):
    """Runs one command of roundup-admin."""
    sys.argv = ["roundup-admin", "-i", str(home), *arguments]
    if AdminTool().main():
        raise SystemExit(f"roundup-admin {arguments[0]} failed")


def configure(home, web):
    """Fills in what has no default."""
    path = home / "config.ini"
    lines = path.read_text().splitlines()
    for name, value in {**SETTINGS, "web": web}.items():
        at = lines.index(f"#{name} = NO DEFAULT")
        lines[at] = f"{name} = {value}"
    # Every request shows the password: in a tracker for one test it need not be costly to check.
    at = next(at for at, line in enumerate(lines) if line.startswith(ROUNDS))
    lines[at] = f"{ROUNDS} = 1000"
    path.write_text("\n".join(lines) + "\n")


def main():
    home, web = pathlib.Path(sys.argv[1]) / "tracker", sys.argv[2]
    admin(home, "install", "classic", "sqlite")
    configure(home, web)
    admin(home, "initialise", "admin-password")
    for name in ("wheelhouse", "ada"):
        fields = [f"username={name}", f"password={name}-password", "roles=User"]
        admin(home, "create", "user", f"address={name}@example.test", *fields)
    server = create_server(RequestDispatcher(str(home)), host="127.0.0.1", port=0, threads=8)
    print(f"serving on http://127.0.0.1:{server.effective_port}/", file=sys.stderr, flush=True)
    server.run()


main()
