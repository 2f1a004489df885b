/// What may be wrong with a backup.
enum Tampering {
    /// The code of the refusal, by the change that `program` makes.
    static let codes = [
        ("flipped", "file_damaged"), ("flipped-log", "file_damaged"), ("missing", "file_missing"),
        ("manifest", "manifest_damaged"), ("unfinished", "no_backup"), ("version", "other_version"),
        ("age", "too_old"), ("page", "database_damaged"), ("batch", "log_damaged"), ("ahead", "inconsistent"),
        ("behind", "inconsistent"),
    ]

    /// Python: changes the backup of a folder. Where digests are not the point, they are made right again.
    static let program = """
        import datetime, hashlib, json, pathlib, sqlite3, sys

        root, change = pathlib.Path(sys.argv[1]), sys.argv[2]
        name, data = root / "manifest.json", root / "data"
        manifest = json.loads(name.read_text())
        user = data / "user/user.sqlite"
        log = max(data.glob("broker/ticket-requests-*/*.log"), key=lambda path: path.stat().st_size)

        def flip(path, place):
            content = bytearray(path.read_bytes())
            content[place] ^= 1
            path.write_bytes(content)

        def execute(statement):
            database = sqlite3.connect(user)
            with database:
                database.execute(statement)
            database.close()

        def sign():
            for entry in manifest["files"]:
                content = (data / entry["path"]).read_bytes()
                entry["size"], entry["sha256"] = len(content), hashlib.sha256(content).hexdigest()
            name.write_text(json.dumps(manifest))
            digest = hashlib.sha256(name.read_bytes()).hexdigest()
            (root / "manifest.json.sha256").write_text(f"{digest}  manifest.json\\n")

        if change == "flipped": flip(user, 5000)
        elif change == "flipped-log": flip(log, 100)
        elif change == "missing": (data / "booking/booking.sqlite").unlink()
        elif change == "manifest": flip(name, 40)
        elif change == "unfinished": (root / "manifest.json.sha256").unlink()
        else:
            if change == "version": manifest["format"] = 99
            elif change == "age":
                past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=7, minutes=1)
                manifest["created_at"] = past.strftime("%Y-%m-%dT%H:%M:%S.000Z")
            elif change == "page":
                content = user.read_bytes()
                user.write_bytes(content[:4096] + bytes([255]) * 4096 + content[8192:])
            elif change == "batch": flip(log, 100)
            elif change == "ahead": execute("UPDATE consumer_offsets SET next_offset = next_offset + 1000")
            elif change == "behind": execute("UPDATE sqlite_sequence SET seq = 0 WHERE name = 'outbox'")
            sign()
        """
}
