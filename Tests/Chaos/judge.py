"""Judges from outside what a stack made of a storm of kills.

    judge.py rest DATA BROKER       fails while anything is still under way, and says what
    judge.py verdict FOLDER         fails with what is wrong: the files journal, observed, records and mails of a folder

journal: what clients were told. observed: what they see in the end. records: all topics as `kcat -C -J` writes them.
"""

import collections
import hashlib
import json
import pathlib
import re
import sqlite3
import sys
import uuid

# Rows that must be gone, and those of other states than the last.
UNDER_WAY = {
    "booking": {
        "bookings that wait": "SELECT count(*) FROM bookings WHERE state IN ('requested', 'locked', 'paid')",
        "provider calls": "SELECT count(*) FROM provider_calls",
        "webhooks": "SELECT count(*) FROM sandbox_reports",
        "payments under way": "SELECT count(*) FROM payments WHERE state NOT IN ('captured', 'failed', 'voided', 'refunded')",
        "seats held by a lock": "SELECT count(*) FROM seat_holds WHERE state = 'locked'",
    },
    "media": {
        "items that wait": "SELECT count(*) FROM media WHERE state IN ('uploaded', 'processing')",
        "uploads": "SELECT count(*) FROM uploads WHERE state != 'complete'",
    },
    "user": {"mails": "SELECT count(*) FROM secret_mails"},
    "notification": {"mails": "SELECT count(*) FROM deliveries WHERE state = 'queued'"},
}


def tables_at_rest(data):
    for path in sorted(pathlib.Path(data).rglob("*.sqlite")):
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        questions = dict(UNDER_WAY.get(path.stem, {}))
        if "outbox" in names:
            questions["events in the outbox"] = "SELECT count(*) FROM outbox"
        for what, question in questions.items():
            (count,) = database.execute(question).fetchone()
            if count:
                yield f"{path.stem}: {count} {what}"


def groups_at_end(broker):
    from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, TopicPartition
    from confluent_kafka.admin import AdminClient

    admin = AdminClient({"bootstrap.servers": broker})
    reader = Consumer({"bootstrap.servers": broker, "group.id": "judge", "enable.auto.commit": False})
    topics = admin.list_topics(timeout=10).topics
    groups = [group.group_id for group in admin.list_consumer_groups().result(timeout=10).valid]
    if len(groups) < 6:
        yield f"only the groups {groups}"
    ends = {}
    for group in groups:
        request = [ConsumerGroupTopicPartitions(group)]
        places = admin.list_consumer_group_offsets(request)[group].result(timeout=10).topic_partitions
        kept = {(place.topic, place.partition): place.offset for place in places}
        for topic in {topic for topic, _ in kept}:
            for partition in topics[topic].partitions if topic in topics else []:
                place = (topic, partition)
                if place not in ends:
                    ends[place] = reader.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)[1]
                if max(kept.get(place, 0), 0) != ends[place]:
                    yield f"{group} is at {kept.get(place)} of {ends[place]} in {topic}/{partition}"
    reader.close()



def mail_id(notification):
    """The Message-ID of a notification's mail: version 8 of the digest of where it comes from."""
    digest = bytearray(hashlib.sha256(f"/notification/email\n{notification}\n0".encode()).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x80, digest[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(digest)))

class Record:
    def __init__(self, line):
        raw = json.loads(line)
        self.topic, self.partition, self.offset, self.key = (raw[n] for n in ("topic", "partition", "offset", "key"))
        self.headers = dict(zip(raw["headers"][::2], raw["headers"][1::2]))
        self.type = self.headers.get("ce_type", "?")
        self.identity = (self.headers.get("ce_source"), self.headers.get("ce_id"))
        self.payload = raw["payload"]
        self.value = json.loads(self.payload) if self.payload else {}
        self.value["cause"] = self.headers.get("ce_causationid")
        self.where = f"{self.topic}/{self.partition}@{self.offset}"


COMPACTED = {"user-profiles", "policy-events"}
LOSSY = {"gateway-requests", "trace-spans", "presence-events"}
# Of what others do nobody gets a mail unless they ask for it.
NOT_MAILED = ("media.", "like.", "comment.", "chat.")

# What makes two events the same fact, whatever their ids.
FACTS = {
    "user.registered": ["user_id"], "user.muted": ["user_id", "target_id"], "user.logged-in": ["cause"],
    "auth.login-succeeded": ["session_id"], "auth.logged-out": ["session_id"],
    "ticket.requested": ["request_id"], "seat.locked": ["request_id"], "seat.rejected": ["request_id"],
    "seat.released": ["request_id"], "seat.booked": ["request_id"], "seat.freed": ["request_id"],
    "ticket.booked": ["booking_id"], "ticket.cancelled": ["booking_id"], "ticket.expired": ["booking_id"],
    "payment.succeeded": ["payment_id"], "payment.failed": ["payment_id"], "payment.refunded": ["payment_id"],
    "like.added": ["target_id", "user_id"], "comment.added": ["comment_id"],
    "media.uploaded": ["media_id", "preset_version"], "media.processed": ["media_id"], "media.failed": ["media_id"],
    "notification.delivered": ["notification_id", "channel"], "notification.read": ["notification_id", "timestamp"],
}


class Judge:
    def __init__(self, folder):
        def lines(name):
            return [line for line in (folder / name).read_text().splitlines() if line]

        self.problems = []
        self.journal = collections.defaultdict(list)
        for entry in map(json.loads, lines("journal")):
            self.journal[entry["what"]].append(entry)
        self.observed = collections.defaultdict(dict)
        for entry in map(json.loads, lines("observed")):
            self.observed[entry["what"]][entry["id"]] = entry
        self.mails = [json.loads(line) for line in lines("mails")]
        self.records = [Record(line) for line in lines("records")]
        self.facts = []
        self.repeats = 0

    def wrong(self, text):
        self.problems.append(text)

    def of(self, *types):
        return [record for record in self.facts if record.type in types]

    def ids(self, type, member):
        return {record.value.get(member) for record in self.of(type)}

    def judge(self):
        for surprise in self.journal["surprise"]:
            self.wrong(f"surprise: {surprise['text']}")
        self.log()
        self.distinct_facts()
        self.acknowledged()
        self.seats()
        self.bookings()
        self.uploads()
        self.likes()
        self.comments()
        self.talks()
        self.notices()

    def log(self):
        """Offsets are dense; a repeat has the id and the content of the first; keys keep the order of their outbox."""
        places = collections.defaultdict(list)
        for record in self.records:
            places[record.topic, record.partition].append(record)
        first, last_position = {}, {}
        for (topic, partition), records in places.items():
            offsets = [record.offset for record in records]
            if topic not in COMPACTED and offsets != list(range(offsets[0], offsets[0] + len(offsets))):
                self.wrong(f"offsets of {topic}/{partition} are not dense")
            if topic in LOSSY:
                continue
            for record in records:
                if record.identity in first:
                    self.repeats += 1
                    if (first[record.identity].key, first[record.identity].payload) != (record.key, record.payload):
                        self.wrong(f"{record.where} differs from {first[record.identity].where}, which has its id")
                    continue
                first[record.identity] = record
                self.facts.append(record)
                position = record.headers.get("outbox-position")
                if position is None:
                    continue
                sequence = int(position.rsplit(":", 1)[-1])
                key = (record.identity[0], topic, record.key)
                if sequence <= last_position.get(key, 0):
                    self.wrong(f"{record.where} comes after a later event of its key")
                last_position[key] = sequence

    def distinct_facts(self):
        seen = {}
        for record in self.facts:
            if record.type == "notification.requested":
                members = [record.value["template"], record.value["data"].get("booking_id"), record.value["cause"]]
            elif record.type in FACTS:
                members = [record.value.get(member) for member in FACTS[record.type]]
            else:
                continue
            fact = (record.type, *members)
            if fact in seen:
                self.wrong(f"{fact} happened twice: {seen[fact]} and {record.where}")
            seen[fact] = record.where

    def acknowledged(self):
        """Whatever a client was told is in the log and is shown."""
        registered, mutes = self.ids("user.registered", "user_id"), self.observed["mutes"]
        logins, requests = self.ids("auth.login-succeeded", "session_id"), self.ids("ticket.requested", "request_id")
        for entry in self.journal["registered"]:
            me = self.observed["me"].get(entry["user"], {}).get("json", {})
            if entry["user"] not in registered or me.get("id") != entry["user"] or me.get("email") != entry["email"]:
                self.wrong(f"account {entry['user']} is lost: {me}")
        for entry in self.journal["session"]:
            if entry["session"] not in logins:
                self.wrong(f"the log-in of session {entry['session']} is not in the log")
        for entry in self.journal["muted"]:
            items = mutes.get(entry["user"], {}).get("json", {}).get("items", [])
            if not any(entry["target"] in item.values() for item in items):
                self.wrong(f"{entry['user']} no longer mutes {entry['target']}: {items}")
        for entry in self.journal["booking"]:
            if entry["booking"] not in requests or entry["booking"] not in self.seen_bookings():
                self.wrong(f"booking {entry['booking']} is lost")
        judged = self.ids("payment.succeeded", "payment_id") | self.ids("payment.failed", "payment_id")
        for entry in self.journal["payment"]:
            if entry["payment"] not in judged:
                self.wrong(f"payment {entry['payment']} of booking {entry['booking']} never ended")
        for entry in self.journal["cancelled"]:
            state = self.seen_bookings().get(entry["booking"], {}).get("state")
            if state not in ("cancelled", "refunded"):
                self.wrong(f"booking {entry['booking']} was cancelled and is {state}")
        read = self.ids("notification.read", "notification_id")
        for entry in self.journal["read"]:
            shown = {item["id"]: item for item in self.inbox(entry["user"])}.get(entry["notification"], {})
            if not shown.get("read_at") or entry["notification"] not in read:
                self.wrong(f"notification {entry['notification']} is not read: {shown}")
        for entry in self.journal["logged-out"]:
            if self.observed["ended"].get(entry["user"], {}).get("status") != 401:
                self.wrong(f"an ended session of {entry['user']} goes on")

    def seen_bookings(self):
        pages = self.observed["bookings"].values()
        return {item["id"]: item for page in pages for item in page["json"].get("items", [])}

    def inbox(self, user):
        return self.observed["inbox"].get(user, {}).get("json", {}).get("items", [])

    def seats(self):
        """No seat has two owners at any offset; what is shown is what the log comes to."""
        owners = collections.defaultdict(dict)
        for record in self.of("seat.locked", "seat.booked", "seat.released", "seat.freed"):
            held, value = owners[record.key], record.value
            for seat in value["seats"]:
                owner = held.get(seat)
                wanted = {
                    "locked": None, "booked": (value["request_id"], "locked"), "released": (value["request_id"], "locked"),
                    "freed": (value["request_id"], "booked"),
                }[value["status"]]
                if owner != wanted:
                    self.wrong(f"{record.where}: {seat} is {value['status']} for {value['request_id']}, it was {owner}")
                if value["status"] in ("locked", "booked"):
                    held[seat] = (value["request_id"], value["status"])
                else:
                    held.pop(seat, None)
        for showtime, entry in self.observed["seats"].items():
            shown = {item["seat"]: item["state"] for item in entry["json"]["items"] if item["state"] != "available"}
            logged = {seat: state for seat, (_, state) in owners[showtime].items()}
            if shown != logged:
                self.wrong(f"seats of {showtime}: shown {shown}, in the log {logged}")
            if "locked" in logged.values():
                self.wrong(f"a lock of {showtime} has not ended: {logged}")
        for showtime, entry in self.observed["audit"].items():
            if entry["json"].get("violations") != []:
                self.wrong(f"the audit of {showtime} says {entry['json']}")

    def bookings(self):
        """Each booking ended as its events say, and its money adds up."""
        shown = self.seen_bookings()
        happened = collections.defaultdict(list)
        for record in self.of("ticket.booked", "ticket.cancelled", "ticket.expired"):
            happened[record.value["booking_id"]].append(record.type)
        rejected = self.ids("seat.rejected", "request_id")
        money, prices = collections.defaultdict(int), {}
        for record in self.of("payment.succeeded", "payment.failed", "payment.refunded"):
            key = (record.value["booking_id"], record.value["payment_id"])
            # Failed means: nothing was taken, or what was reserved could not be.
            money[key] = record.value["amount"] if record.type == "payment.succeeded" else 0
        for request in self.ids("ticket.requested", "request_id"):
            booking = shown.get(request)
            if booking is None:
                self.wrong(f"booking {request} is in the log and nobody's")
                continue
            state, events = booking["state"], happened[request]
            allowed = {
                "booked": [["ticket.booked"]], "expired": [["ticket.expired"]],
                "cancelled": [["ticket.cancelled"], ["ticket.booked", "ticket.cancelled"]],
                "refunded": [["ticket.expired"], ["ticket.cancelled"], ["ticket.booked", "ticket.cancelled"]],
                "rejected": [[]],
            }.get(state, [])
            if events not in allowed or (state == "rejected") > (request in rejected):
                self.wrong(f"booking {request} is {state} after {events}")
            held = sum(amount for (id, _), amount in money.items() if id == request)
            if held != (booking["amount"] if state == "booked" else 0):
                self.wrong(f"booking {request} is {state}, costs {booking['amount']} and {held} is kept")

    def uploads(self):
        """Each upload ended once, as it had to, and what was sent comes back."""
        ends = collections.defaultdict(list)
        for record in self.of("media.processed", "media.failed"):
            ends[record.value["media_id"]].append(record.type)
        for media in self.ids("media.uploaded", "media_id"):
            if len(ends[media]) != 1:
                self.wrong(f"upload {media} ended by {ends[media]}")
        for entry in self.journal["upload"]:
            media, wanted = entry["media"], "media.processed" if entry["state"] == "ready" else "media.failed"
            shown = self.observed["media"].get(media, {}).get("json", {})
            if ends[media] != [wanted] or shown.get("state") != entry["state"] or shown.get("sha256") != entry["sha256"]:
                self.wrong(f"upload {media}, which is to be {entry['state']}, ended by {ends[media]} and shows {shown}")
            if self.observed["content"].get(media, {}).get("sha256") != entry["sha256"]:
                self.wrong(f"other bytes of upload {media} come back")

    def likes(self):
        """Each like is there once, and the count is that of the log."""
        logged = collections.defaultdict(set)
        for record in self.of("like.added"):
            logged[record.value["target_id"]].add(record.value["user_id"])
        for entry in self.journal["liked"]:
            if entry["user"] not in logged[entry["media"]]:
                self.wrong(f"the like of {entry['media']} by {entry['user']} is not in the log")
        for media, page in self.observed["likes"].items():
            shown = [item["user_id"] for item in page["json"].get("items", [])]
            if sorted(shown) != sorted(logged[media]) or page["json"].get("count") != len(shown):
                self.wrong(f"likes of {media}: shown {page['json']}, in the log {logged[media]}")

    def comments(self):
        """Each comment is there once."""
        logged = collections.defaultdict(set)
        for record in self.of("comment.added"):
            logged[record.value["target_id"]].add(record.value["comment_id"])
        shown = {
            media: {item["id"]: item["body"] for item in page["json"].get("items", [])}
            for media, page in self.observed["comments"].items()
        }
        for entry in self.journal["commented"]:
            bodies = list(shown.get(entry["media"], {}).values())
            known = shown.get(entry["media"], {}).get(entry["comment"])
            if known != entry["body"] or bodies.count(entry["body"]) != 1 or entry["comment"] not in logged[entry["media"]]:
                self.wrong(f"comment {entry['comment']} on {entry['media']} is {known} among {bodies}")
        for media, comments in shown.items():
            if set(comments) != logged[media]:
                self.wrong(f"comments on {media}: shown {comments}, in the log {logged[media]}")

    def talks(self):
        """Each message is there once under its number, and no number is missing."""
        pages = {room: page["json"].get("items", []) for room, page in self.observed["talk"].items()}
        for room, messages in pages.items():
            if [message["seq"] for message in messages] != list(range(1, len(messages) + 1)):
                self.wrong(f"the numbers of {room} have gaps: {messages}")
        for entry in self.journal["said"]:
            found = [
                (message["seq"], message["body"])
                for message in pages.get(entry["room"], [])
                if (message["author_id"], message["client_message_id"]) == (entry["user"], entry["name"])
            ]
            if found != [(int(entry["seq"]), f"chào {entry['name']}")]:
                self.wrong(f"message {entry['name']} of {entry['room']}, number {entry['seq']}, is {found}")

    def notices(self):
        """Each notice is one entry of the inbox and, unless it is read first, one mail, whatever was repeated."""
        wanted = collections.Counter()
        for record in self.of("notification.requested"):
            wanted[record.value["user_id"], record.value["template"], record.value["data"].get("booking_id")] += 1
        due = collections.Counter()
        templates = {"ticket.booked": "booking.booked", "payment.failed": "booking.payment-failed", "payment.refunded": "booking.refunded"}
        for record in self.of(*templates):
            due[record.value["user_id"], templates[record.type], record.value["booking_id"]] += 1
        if wanted != due:
            self.wrong(f"notices asked for and due differ: {(wanted - due) + (due - wanted)}")
        told = collections.Counter()
        mailed = collections.defaultdict(set)
        for mail in self.mails:
            message = re.search(r"(?im)^message-id:\s*<?([0-9a-f-]{36})@", mail["text"])
            for recipient in mail["to"]:
                mailed[recipient].add(message.group(1) if message else mail["text"])
        for entry in self.journal["registered"]:
            inbox = self.inbox(entry["user"])
            for item in inbox:
                if item["type"].startswith("booking."):
                    told[entry["user"], item["type"], item["data"].get("booking_id")] += 1
            told_by_mail = [item for item in inbox if not item["type"].startswith(NOT_MAILED)]
            # What was read before its mail could go is not mailed any more.
            owed = {mail_id(item["id"]) for item in told_by_mail if not item["read_at"]}
            missing = owed - mailed[entry["email"]]
            more = mailed[entry["email"]] - {mail_id(item["id"]) for item in told_by_mail}
            if missing or len(more) != 2:  # The welcome is only mailed, and the secret that proves the address.
                self.wrong(f"{entry['email']} has no mail of {missing}, and mails besides the inbox: {more}")
        if told != wanted:
            self.wrong(f"inboxes and what was asked for differ: {(told - wanted) + (wanted - told)}")

    def summary(self):
        states = collections.Counter(booking["state"] for booking in self.seen_bookings().values())
        counts = {what: len(entries) for what, entries in self.journal.items()}
        return f"acknowledged {counts}, bookings {dict(states)}, {len(self.facts)} facts, {self.repeats} repeats in the log"


def main():
    if sys.argv[1] == "rest":
        sys.exit("\n".join([*tables_at_rest(sys.argv[2]), *groups_at_end(sys.argv[3])]) or 0)
    judge = Judge(pathlib.Path(sys.argv[2]))
    judge.judge()
    print(judge.summary())
    sys.exit("\n".join(judge.problems) or 0)


main()
