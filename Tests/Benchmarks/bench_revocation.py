"""From a log-out to the moment nobody takes its token any more: the gateway, each service, and the open socket."""

import base64
import http.client
import os
import socket
import statistics
import threading
import time

import report
from services import PASSWORD, Services, exchange

TRIALS = 200
# A read of each service that needs a token.
READS = {"gateway": "/v1/users/me", "user": "/v1/users/me", "auth": "/v1/auth/sessions",
         "notification": "/v1/notifications/unread-count", "booking": "/v1/bookings"}
TIMEOUT = 5


def run():
    services = Services("user", "auth", "notification", "booking", "gateway")
    status, answer = services.call("user", "POST", "/v1/users", {
        "email": "load@example.com", "password": PASSWORD, "display_name": "Load"})
    if status != 201:
        raise SystemExit(f"sign-up: {status} {answer}")
    trials = [trial(services) for _ in range(TRIALS)]
    services.stop()
    for name in (*READS, "socket"):
        show(f"log-out to refused by {name}" if name != "socket" else "log-out to closed socket",
             sorted(trial[name] for trial in trials))
    show("log-out to the last of them", sorted(max(trial.values()) for trial in trials), 100)


def show(measure, times, goal=None):
    report.add("revocation", f"{measure}, p50", statistics.median(times), "ms")
    report.add("revocation", f"{measure}, p99", times[len(times) * 99 // 100], "ms", goal=goal, cost=True)


def trial(services):
    """Milliseconds from the log-out's sending, by who refused."""
    status, answer = services.call("auth", "POST", "/v1/auth/login", {"email": "load@example.com", "password": PASSWORD})
    if status != 200:
        raise SystemExit(f"log-in: {status} {answer}")
    token, found = answer["access_token"], {}
    live = open_socket(services.ports["gateway"], token)
    watchers = [threading.Thread(target=watch_socket, args=(live, found))]
    connections = {}
    for name in READS:
        connections[name] = http.client.HTTPConnection("127.0.0.1", services.ports[name], timeout=TIMEOUT)
        status, _ = exchange(connections[name], "GET", READS[name], token=token)
        if status != 200:
            raise SystemExit(f"{name}: {status} before the log-out")
    for watcher in watchers:
        watcher.start()
    start = time.monotonic()
    status, answer = services.call("auth", "POST", "/v1/auth/logout", token=token)
    if status not in (200, 204):
        raise SystemExit(f"log-out: {status} {answer}")
    waiting = set(READS)
    # One after the other, each by its own connection: a poll is well under a millisecond.
    while waiting and time.monotonic() - start < TIMEOUT:
        for name in list(waiting):
            status, _ = exchange(connections[name], "GET", READS[name], token=token)
            if status == 401:
                found[name] = time.monotonic()
                waiting.discard(name)
    for watcher in watchers:
        watcher.join()
    for connection in connections.values():
        connection.close()
    missing = [name for name in (*READS, "socket") if name not in found]
    if missing:
        raise SystemExit(f"{', '.join(missing)}: not within {TIMEOUT} s")
    return {name: (moment - start) * 1000 for name, moment in found.items()}


def open_socket(port, token):
    """A notification socket through the gateway, greeted."""
    live = socket.create_connection(("127.0.0.1", port), TIMEOUT)
    key = base64.b64encode(os.urandom(16)).decode()
    live.sendall(
        f"GET /v1/notifications/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        f"Sec-WebSocket-Protocol: notifications.v1, bearer.{token}\r\n\r\n".encode())
    arrived = b""
    while b"ready" not in arrived:
        piece = live.recv(4096)
        if not piece:
            raise SystemExit(f"the socket was not opened: {arrived[:300]}")
        arrived += piece
    return live


def watch_socket(live, found):
    """Until the frame that says 4401, or the end."""
    arrived = b""
    try:
        while (4401).to_bytes(2, "big") not in arrived:
            piece = live.recv(4096)
            if not piece:
                break
            arrived += piece
        found["socket"] = time.monotonic()
    except OSError:
        pass
    live.close()
