"""`python -m lti_tool.sandbox`: serve one school's LMS on this machine."""

from __future__ import annotations

import argparse
import logging

from werkzeug.serving import make_server

from .school import create_school
from .store import MEMORY

SCHOOLS = {"a": ("Школа № 12", "ru"), "b": ("Riverside School", "en")}


def main() -> None:
    """Read the command line and serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m lti_tool.sandbox", description=__doc__)
    parser.add_argument("--school", choices=SCHOOLS, required=True, help="a: Russian names, b: English names")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", help="SQLite file that keeps the school between starts; in memory when left out")
    parser.add_argument("--host-name", default="127.0.0.1", help="host name of the issuer; listens on loopback only")
    parser.add_argument("--people", type=int, default=30, help="number of pupils")
    parser.add_argument("--tool", default="http://localhost:8080", help="address of the tool, shown on the tools page")
    options = parser.parse_args()
    name, language = SCHOOLS[options.school]
    app = create_school(
        name=name,
        url=f"http://{options.host_name}:{options.port}",
        language=language,
        people=options.people,
        database=f"sqlite:///{options.data}" if options.data else MEMORY,
        tool_url=options.tool,
    )
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    make_server("127.0.0.1", options.port, app, threaded=True).serve_forever()


if __name__ == "__main__":
    main()
