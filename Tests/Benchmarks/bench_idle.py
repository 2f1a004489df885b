"""What an idle connection and an open WebSocket cost in memory, at the gateway and at the notification service behind it."""

import socket

import machine
import report
from tokens import Mint

CONNECTIONS = 2000
SOCKETS = 500
GOAL = 4  # KiB of an idle connection

UPGRADE = (
    "GET /v1/notifications/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: notifications.v1, bearer.{token}\r\n\r\n"
)


def run():
    data, mint = machine.directory("data"), Mint()
    ports = {name: machine.free_port() for name in ("broker", "notification", "gateway")}
    variables = {
        "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{ports['broker']}", "LOG_LEVEL": "warning",
        "NOTIFICATION_URL": f"http://127.0.0.1:{ports['notification']}", "SMTP_URL": "smtp://127.0.0.1:9",
        "AUTH_URL": "http://127.0.0.1:9",
    }
    machine.service("broker", ports["broker"], data / "broker", LOG_LEVEL="warning").wait_for_port(ports["broker"])
    processes = {}
    for name in ("notification", "gateway"):
        mint.trust(data, name)
        processes[name] = machine.service(name, ports[name], data, **variables)
        processes[name].wait_until_ready(ports[name])
    for name, process in processes.items():
        request = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
        # What is taken once, such as buffers of a loop, is not the price of a connection.
        close(connect(ports[name], request) for _ in range(100))
        before = process.memory()
        connections = [connect(ports[name], request) for _ in range(CONNECTIONS)]
        cost(name, "memory per idle connection", process.memory() - before, CONNECTIONS, GOAL)
        close(connections)
    close(open_socket(ports["gateway"], mint) for _ in range(50))
    before = {name: process.memory() for name, process in processes.items()}
    sockets = [open_socket(ports["gateway"], mint) for _ in range(SOCKETS)]
    for name, process in processes.items():
        cost(name, "memory per WebSocket", process.memory() - before[name], SOCKETS)
    close(sockets)
    for process in processes.values():
        process.stop()


def connect(port, request):
    """A connection that had one answer and waits for its next request."""
    connection = socket.create_connection(("127.0.0.1", port), 10)
    connection.sendall(request)
    if not connection.recv(4096).startswith((b"HTTP/1.1 200", b"HTTP/1.1 101")):
        raise SystemExit("no good answer")
    return connection


def open_socket(port, mint):
    return connect(port, UPGRADE.format(token=mint.token()).encode())


def close(connections):
    for connection in list(connections):
        connection.close()


def cost(name, measure, size, count, goal=None):
    report.add("idle", f"{name}: {measure}", size / count / 1024, "KiB", goal=goal, cost=True)
