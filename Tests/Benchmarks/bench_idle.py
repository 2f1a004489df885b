"""What an idle connection and an open WebSocket cost in memory, at the gateway and at the notification service behind it."""

import socket

import report
from services import Services
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
    idle_connections()
    sockets()


def start(mint):
    """New processes each time: memory that was freed is used again, and would hide what the next ones cost."""
    return Services("notification", "gateway", mint=mint, SMTP_URL="smtp://127.0.0.1:9")


def idle_connections():
    services = start(Mint())
    request = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for name in ("notification", "gateway"):
        process, port = services.processes[name], services.ports[name]
        # What is taken once, such as buffers of a loop, is not the price of a connection.
        warm = [connect(port, request) for _ in range(50)]
        before = process.memory()
        connections = [connect(port, request) for _ in range(CONNECTIONS)]
        cost(name, "memory per idle connection", process.memory() - before, CONNECTIONS, GOAL)
        close(warm + connections)
    services.stop()


def sockets():
    mint = Mint()
    services = start(mint)
    port = services.ports["gateway"]
    warm = [open_socket(port, mint) for _ in range(50)]
    before = {name: process.memory() for name, process in services.processes.items()}
    opened = [open_socket(port, mint) for _ in range(SOCKETS)]
    for name in ("notification", "gateway"):
        cost(name, "memory per WebSocket", services.processes[name].memory() - before[name], SOCKETS)
    close(warm + opened)
    services.stop()


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
    for connection in connections:
        connection.close()


def cost(name, measure, size, count, goal=None):
    report.add("idle", f"{name}: {measure}", size / count / 1024, "KiB", goal=goal, cost=True)
