"""An S3 server for tests: moto, which checks signatures and rights, with what Amazon does besides: the checksums of bodies.

Arguments: port, file for the access key and its secret, name of the bucket. PUT /-/faults has the next requests that match
fail; GET /-/requests lists what came. It ends with the program that started it.
"""
import base64
import hashlib
import io
import json
import os
import socket
import sys
import threading
import time

# Requests that need no rights: a user, its key, its policy, the bucket.
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "4"

import boto3  # noqa: E402
from moto.server import DomainDispatcherApplication, create_backend_app  # noqa: E402
from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: E402

PORT, CREDENTIALS, BUCKET = int(sys.argv[1]), sys.argv[2], sys.argv[3]
PARENT = os.getppid()


class Store:
    def __init__(self, app):
        self.app, self.faults, self.requests, self.lock = app, [], [], threading.Lock()

    def __call__(self, environ, start):
        method, target = environ["REQUEST_METHOD"], environ.get("RAW_URI") or environ["PATH_INFO"]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        if target.startswith("/-/"):
            return self.control(method, body, start)
        with self.lock:
            self.requests.append(f"{method} {target}")
            fault = next((f for f in self.faults if f["method"] == method and f["part"] in target), {})
            if fault:
                fault["times"] -= 1
                if not fault["times"]:
                    self.faults.remove(fault)
        time.sleep(fault.get("delay", 0))
        if "status" in fault:
            return self.refuse(start, fault["status"], fault["code"])
        problem = self.checksum_problem(environ, body)
        if problem:
            return self.refuse(start, 400, problem)
        return self.serve(environ, start, fault)

    def serve(self, environ, start, fault):
        head = []
        answer = b"".join(self.app(environ, lambda *arguments: head.append(arguments[:2])))
        if "lost" in fault:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        if "corrupt" in fault:
            answer = bytes([answer[0] ^ 1]) + answer[1:]
        start(*head[-1])
        if "cut" in fault:
            yield answer[: fault["cut"]]
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        else:
            yield answer

    @staticmethod
    def checksum_problem(environ, body):
        digest = hashlib.sha256(body)
        signed = environ.get("HTTP_X_AMZ_CONTENT_SHA256", "")
        if len(signed) == 64 and signed != digest.hexdigest():
            return "XAmzContentSHA256Mismatch"
        told = environ.get("HTTP_X_AMZ_CHECKSUM_SHA256")
        return "BadDigest" if told and base64.b64decode(told) != digest.digest() else None

    @staticmethod
    def refuse(start, status, code):
        text = f"<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>".encode()
        start(f"{status} {code}", [("Content-Type", "application/xml"), ("Content-Length", str(len(text)))])
        return [text]

    def control(self, method, body, start):
        with self.lock:
            if method == "PUT":
                self.faults.append(json.loads(body))
            answer = json.dumps(self.requests).encode()
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
        return [answer]


def prepare():
    def client(service, **keys):
        keys = keys or {"aws_access_key_id": "root", "aws_secret_access_key": "root"}
        return boto3.client(service, endpoint_url=f"http://127.0.0.1:{PORT}", region_name="us-east-1", **keys)

    iam = client("iam")
    iam.create_user(UserName="marquee")
    key = iam.create_access_key(UserName="marquee")["AccessKey"]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.put_user_policy(UserName="marquee", PolicyName="all", PolicyDocument=json.dumps(policy))
    client("s3").create_bucket(Bucket=BUCKET)
    with open(CREDENTIALS + ".tmp", "w") as file:
        file.write(f"{key['AccessKeyId']}\n{key['SecretAccessKey']}\n")
    os.rename(CREDENTIALS + ".tmp", CREDENTIALS)


WSGIRequestHandler.protocol_version = "HTTP/1.1"
server = make_server("127.0.0.1", PORT, Store(DomainDispatcherApplication(create_backend_app)), threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
prepare()
while os.getppid() == PARENT:
    time.sleep(0.2)
