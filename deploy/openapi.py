"""Makes of Shared/Contracts/openapi.yaml what the gateway is compiled with: the document as JSON, and the route table.

    openapi.py           writes the files
    openapi.py --check   writes nothing; fails when a file is not what it would be
"""

import json
import re
import sys
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parent.parent
SOURCE = REPOSITORY / "Shared/Contracts/openapi.yaml"
TARGET = REPOSITORY / "Services/Gateway/Generated"
HEADER = "// Made of openapi.yaml by `make openapi`. Do not edit.\n// swift-format-ignore-file\n\n"


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def lines(value, depth):
    """JSON with a line for each member down to a depth, so that a change shows as one."""
    if depth == 0 or not isinstance(value, dict) or not value:
        return compact(value)
    members = [f"{compact(name)}:{lines(member, depth - 1)}" for name, member in value.items()]
    return "{\n" + ",\n".join(members) + "\n}"


def members(document):
    """A path has a line of its own, and so has a component."""
    depths = {"paths": 1, "components": 2}
    return "{\n" + ",\n".join(f"{compact(k)}:{lines(v, depths.get(k, 0))}" for k, v in document.items()) + "\n}"


def document_file(document):
    text = members(document)
    assert '"""' not in text and "\\#" not in text, "the text would end the literal"
    assert json.loads(text) == document
    return (
        f"{HEADER}extension OpenAPIDocument {{\n"
        "    /// The document.\n"
        f'    static let json = #"""\n{text}\n"""#\n}}\n'
    )


def backend(service):
    return re.sub(r"-(\w)", lambda match: match[1].upper(), service)


def routes_file(document):
    rows, shapes = [], set()
    for path, item in document["paths"].items():
        service = item["x-marquee-service"]
        if service == "gateway":
            continue
        pattern = re.sub(r"{(\w+)}", r":\1", path)
        # A parameter takes a whole segment: `{name}` and `{name}.csv` are one route.
        shape = re.sub(r":[^/]+", ":", pattern)
        if shape in shapes:
            continue
        shapes.add(shape)
        rows.append(f'        ("{pattern}", .{backend(service)}),\n')
    return (
        f"{HEADER}extension RouteTable {{\n"
        "    /// Each path of a service.\n"
        f"    static let patterns: [(String, Backend)] = [\n{''.join(rows)}    ]\n}}\n"
    )


def main():
    document = yaml.safe_load(SOURCE.read_text())
    files = {
        "OpenAPIDocument+json.swift": document_file(document),
        "RouteTable+patterns.swift": routes_file(document),
    }
    if sys.argv[1:] == ["--check"]:
        stale = [name for name, text in files.items() if (TARGET / name).read_text() != text]
        sys.exit(f"not what openapi.yaml says, run `make openapi`: {', '.join(stale)}" if stale else 0)
    for name, text in files.items():
        (TARGET / name).write_text(text)


main()
