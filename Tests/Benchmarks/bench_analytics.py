"""How fast Analytics makes up for what it has missed, how far behind it is at 10,000 events a second, and what a question
costs with a hundred times as many events."""

import json
import os
import random
import signal
import statistics
import time
import uuid

from confluent_kafka import Producer

import report
from services import Services
from tokens import Mint, identifier

FEW = 10_000
MANY = 1_000_000
RATE = 10_000
SECONDS = 8
DAYS = 30
QUESTIONS = 60
TOPICS = {"gateway-requests", "like-events", "ticket-events", "user-events"}


def run():
    mint = Mint()
    services = Services("analytics", mint=mint)
    token = mint.token(roles=["admin"])
    # It makes the topics, as many partitions as they are declared with.
    wait(services, token, 0)
    log = Log(services.ports["broker"])
    # As many a day in both: the answers are as long, what they are found in is not.
    month = DAYS * 86_400
    recent = month * FEW / MANY
    catch_up(services, token, log, FEW, recent)
    before = ask(services, token)
    # Many at once: what a service does that comes back after a long time.
    many = catch_up(services, token, log, MANY - FEW, month, recent)
    after = ask(services, token)
    report.add("analytics", "events/s while catching up", many["rate"], "/s")
    report.add("analytics", "events/s per core of its own time", many["per_core"], "/s")
    lags = flow(services, token, log)
    report.add("analytics", f"lag at {RATE:,} events/s, median", statistics.median(lags["lags"]), "ms")
    report.add("analytics", f"lag at {RATE:,} events/s, greatest", max(lags["lags"]), "ms")
    report.add("analytics", f"share of a core at {RATE:,} events/s", lags["cpu"] * 100, "%")
    for name in QUERIES:
        ratio = after[name] / before[name]
        report.add("analytics", f"{name}, p50 at {MANY:,} events", after[name], "ms", f"at {FEW:,}", before[name], 1.5,
                   cost=True, ratios=[ratio])
    services.stop()


QUERIES = {
    "requests by route, an hour": "/v1/analytics/metrics/requests?bucket=1m&group_by=route",
    "latency by route, six hours": "/v1/analytics/metrics/latency_ms?bucket=1h&group_by=route&from={six_hours_ago}",
    "likes in all, by minutes of an hour": "/v1/analytics/metrics/likes?bucket=1m",
    "tickets by showtime, six hours": "/v1/analytics/metrics/tickets_sold?bucket=1h&group_by=showtime_id&from={six_hours_ago}",
}


class Log:
    """Events as their services write them: requests, likes, tickets, accounts."""

    def __init__(self, port):
        self.producer = Producer({
            "bootstrap.servers": f"127.0.0.1:{port}", "linger.ms": 20, "partitioner": "murmur2_random",
            "queue.buffering.max.messages": 200_000, "compression.type": "none",
        })
        self.random = random.Random(7)
        self.targets = [identifier() for _ in range(100)]
        self.showtimes = [identifier() for _ in range(40)]
        self.users = [identifier() for _ in range(5000)]
        self.sequence = 0

    def send(self, count, age, until=0):
        """Events in the order of their times, from so many seconds ago on."""
        now = time.time()
        for number in range(count):
            self.sequence += 1
            stamp = moment(now - age + (age - until) * number / count)
            topic, source, kind, key, payload = self.event(stamp)
            headers = [
                ("ce_specversion", "1.0"), ("ce_id", str(uuid.UUID(int=self.number(), version=4))), ("ce_source", source),
                ("ce_type", kind), ("ce_time", stamp), ("ce_subject", key), ("content-type", "application/json"),
                ("traceparent", f"00-{self.number():032x}-{self.random.getrandbits(64):016x}-01"),
            ]
            if source != "/gateway":
                headers.append(("outbox-position", str(self.sequence)))
            value = json.dumps(payload, separators=(",", ":"), sort_keys=True)
            while True:
                try:
                    self.producer.produce(topic, value, key, headers=headers)
                    break
                except BufferError:
                    self.producer.poll(0.05)
            self.producer.poll(0)

    def taken(self):
        """Records that the broker has acknowledged."""
        return self.sequence - len(self.producer)

    def number(self):
        return self.random.getrandbits(128)

    def event(self, stamp):
        choice = self.random.random()
        user = self.random.choice(self.users)
        if choice < 0.5:
            request = uuid.UUID(int=self.number()).hex
            return "gateway-requests", "/gateway", "gateway.request", request, {
                "address_prefix": "192.0.2.0/24", "complete": True, "decision": "allowed", "dropped": 0,
                "duration_us": int(self.random.lognormvariate(7, 1)), "gateway_id": "g1", "method": "GET",
                "policy_version": 0, "request_bytes": 0, "request_id": request, "response_bytes": 300,
                "route": f"/v1/route-{self.random.randrange(40)}/{{id}}", "sequence": self.sequence, "service": "booking",
                "status": 200, "timestamp": stamp, "trace_id": request, "upstream_us": 900, "user_id": user,
            }
        if choice < 0.8:
            target = self.random.choice(self.targets)
            return "like-events", "/like", "like.added", target, {
                "count": 1, "reaction": "like", "target_id": target, "target_owner_id": self.users[0],
                "target_type": "media", "timestamp": stamp, "user_id": user,
            }
        if choice < 0.95:
            showtime = self.random.choice(self.showtimes)
            return "ticket-events", "/booking", "ticket.booked", showtime, {
                "amount": 90_000, "booking_id": str(uuid.UUID(int=self.number())), "currency": "VND",
                "movie_id": self.showtimes[0], "seats": ["A1"], "showtime_id": showtime, "timestamp": stamp,
                "user_id": user,
            }
        return "user-events", "/user", "user.registered", user, {
            "locale": "vi", "role": "user", "timestamp": stamp, "user_id": user,
        }

    def flush(self):
        left = self.producer.flush(60)
        if left:
            raise SystemExit(f"analytics: {left} events were not taken")


def moment(seconds):
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{text}.{int(seconds * 1000) % 1000:03d}Z"


def applied(services, token):
    """Records of this log that have taken effect; its own spans are left out."""
    status, answer = services.call("analytics", "GET", "/v1/analytics/freshness", token=token)
    if status != 200:
        return -1
    return sum(part["applied"] for part in answer["partitions"] if part["topic"] in TOPICS)


def wait(services, token, count, seconds=180):
    """Until so many records have taken effect."""
    deadline = time.monotonic() + seconds
    while applied(services, token) < count:
        if time.monotonic() > deadline:
            raise SystemExit("analytics: does not catch up")
        time.sleep(0.05)


def catch_up(services, token, log, count, age, until=0):
    """Fills the log while Analytics is stopped as far as it consumes: its clock is that of its process."""
    process = services.processes["analytics"]
    for pid in process.pids():
        os.kill(pid, signal.SIGSTOP)
    log.send(count, age, until)
    log.flush()
    cpu = process.cpu()
    began = time.monotonic()
    for pid in process.pids():
        os.kill(pid, signal.SIGCONT)
    wait(services, token, log.sequence)
    seconds = time.monotonic() - began
    return {"rate": count / seconds, "per_core": count / (process.cpu() - cpu)}


def flow(services, token, log):
    """A steady flow of events of now; the lag is the records that wait over the rate."""
    process = services.processes["analytics"]
    cpu, began, lags = process.cpu(), time.monotonic(), []
    sent, looked = 0, began
    while (elapsed := time.monotonic() - began) < SECONDS:
        due = int(elapsed * RATE) - sent
        log.send(due, 1)
        sent += due
        if time.monotonic() - looked > 0.5:
            looked = time.monotonic()
            waiting = log.taken() - applied(services, token)
            lags.append(max(0, waiting) / RATE * 1000)
        time.sleep(0.005)
    log.flush()
    return {"lags": lags, "cpu": (process.cpu() - cpu) / (time.monotonic() - began)}


def ask(services, token):
    """The middle of the times of each question, in milliseconds."""
    times = {}
    for name, path in QUERIES.items():
        path = path.format(six_hours_ago=moment(time.time() - 6 * 3600))
        taken = []
        for _ in range(QUESTIONS):
            began = time.perf_counter()
            status, _ = services.call("analytics", "GET", path, token=token)
            taken.append((time.perf_counter() - began) * 1000)
            if status != 200:
                raise SystemExit(f"analytics: {path}: {status}")
        times[name] = statistics.median(taken)
    return times
