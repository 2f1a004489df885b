"""Checks records of topics against asyncapi.yaml.

    check_events.py asyncapi.yaml RECORDS

RECORDS has one record a line, as `kcat -C -J` writes them. Prints how many of each type were good; fails and names what is
wrong. Stricter than readers are: a member that is not described is wrong here.
"""

import collections
import json
import sys

import jsonschema
import yaml

document = yaml.load(open(sys.argv[1]), yaml.CSafeLoader)
components = document["components"]
channels = {channel["address"]: channel for channel in document["channels"].values()}
formats = jsonschema.Draft202012Validator.FORMAT_CHECKER


def validator(schema):
    whole = {"allOf": [schema], "unevaluatedProperties": False, "components": components}
    return jsonschema.Draft202012Validator(whole, format_checker=formats)


envelope = validator({"$ref": "#/components/schemas/Envelope"})
payloads = {name: validator(message["payload"]) for name, message in components["messages"].items() if "payload" in message}


def problems(record):
    channel = channels.get(record["topic"])
    if channel is None:
        yield "the topic is not described"
        return
    headers = dict(zip(record["headers"][::2], record["headers"][1::2]))
    for error in envelope.iter_errors(headers):
        yield f"header {'/'.join(map(str, error.absolute_path))}: {error.message}"
    if headers.get("ce_subject") != record["key"]:
        yield "the subject is not the key"
    kind = headers.get("ce_type")
    if kind not in channel.get("messages", {}):
        yield f"{kind} is not described on this topic"
    elif record["payload"] is None:
        if "compact" not in str(channel["bindings"]) and "State" not in str(channel["bindings"]):
            yield "a record without a value on a topic of facts"
    else:
        for error in payloads[kind].iter_errors(json.loads(record["payload"])):
            yield f"{'/'.join(map(str, error.absolute_path))}: {error.message}"


good = collections.Counter()
bad = []
for line in open(sys.argv[2]):
    record = json.loads(line)
    found = [f"{record['topic']} {record['payload']}: {problem}" for problem in problems(record)]
    bad += found
    if not found:
        headers = record["headers"]
        good[headers[headers.index("ce_type") + 1]] += 1
for kind, count in sorted(good.items()):
    print(kind, count)
sys.exit("\n".join(bad) or 0)
