import Security
import Testing

@Suite struct ForeignPasswordHashTests {
    private static let password = "tám con mèo đỏ ngủ"

    /// Of that password, by passlib 1.7.4, Django, libsodium, and Python's hashlib.
    private static let hashes = [
        "$2b$05$wTVg8NIRPkjpnKrnID1dKucRdqPXe523AY3zv/wXSWIy6S9HqIP9C",
        "$2y$05$hXaWjGymw0TeUx40n7ZfnOfN08YEf4zUSqMXQQIbA36LZcCaFlZ3i",
        "$2a$05$w0Hnd5MrrAzklUNPiE/mmOd3xp1anrjezFl4H5TqzM2iTkWKFUC42",
        "$scrypt$ln=10,r=8,p=2$I2SM0XrP+f+f8/7/f8+5Fw$0lJDtf0JjvN6U5AlIqUDT49nxknj9fqvBlof4AGU3LQ",
        "$7$86..../....6v7dVsu1GMOa7jeAK7Ry5eChqrVHFfuY01jPgw0cKo5$dnT.9np3NKGR0vhHvLYX3celMszIbb4iswUg/Ph/gx3",
        "$pbkdf2-sha256$1000$HAMgpBSi9L53rrX2HqPU2g$iX5enhXHjj6f4cww8sgzPigN.Ii/dyKk3txIzLw0mWE",
        "$pbkdf2-sha512$1000$ICTkPOdcy1kLIaQUIqS0lg$gm156n9Q7rU0tB1N80riXvPU9rWgUzmCXzsHW/.CJBvlX8FImkN87e2ryLPD"
            + "4U0tARqVD/vlUf3HUhspHlRLgw",
        "$pbkdf2-sha512$i=1000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$GApwDaEFIrdFP6RdislYm+utsQnhEAHlqntEWwYs8mQ",
        "pbkdf2_sha256$1000$saltsaltsaltsalt$2ZgYWO0Lo7J3mkjp/b79xITKUpSbmltz2oyzAQ6daH4=",
    ]

    @Test(arguments: hashes)
    func `a hash of another program verifies, and asks to be made anew`(stored: String) {
        #expect(PasswordHash.canVerify(stored))
        #expect(PasswordHash.verify(Self.password, against: stored))
        for wrong in ["", "tám con mèo đỏ ngu", Self.password + "!", Self.password + "\0", "\0"] {
            #expect(!PasswordHash.verify(wrong, against: stored), "\(wrong)")
        }
        #expect(PasswordHash.standard.needsRehash(stored))
    }

    @Test(arguments: hashes)
    func `a hash that lost, got or changed characters verifies nothing`(stored: String) {
        #expect(!PasswordHash.verify(Self.password, against: String(stored.dropLast())))
        #expect(!PasswordHash.verify(Self.password, against: stored + "a"))
        for (position, character) in stored.enumerated() where character != "$" {
            var changed = Array(stored)
            changed[position] = character == "x" ? "y" : "x"
            // The last digit before a `$` may carry bits that belong to nothing.
            let follows = position + 1 < changed.count ? changed[position + 1] : "$"
            if follows != "$" { #expect(!PasswordHash.verify(Self.password, against: String(changed)), "\(position)") }
        }
    }

    @Test func `bcrypt looks at 72 bytes, as it did where the hash was made`() {
        // By bcrypt 4.0.
        let stored = "$2b$05$tPF0RV4qkDKZv4Xl.rk8AeOuiEvLDBU.rdFVieEsg9NnvsEL3VXyu"
        let beginning = String(repeating: "x", count: 72)
        #expect(PasswordHash.verify(beginning + "tail", against: stored))
        #expect(PasswordHash.verify(beginning + String(repeating: "y", count: 600), against: stored))
        #expect(!PasswordHash.verify(String(beginning.dropLast()), against: stored))
    }

    @Test(arguments: [
        // Cost 31 runs for a day; 15 for two seconds; 3 is below what bcrypt has.
        "$2b$31$wTVg8NIRPkjpnKrnID1dKucRdqPXe523AY3zv/wXSWIy6S9HqIP9C",
        "$2b$15$wTVg8NIRPkjpnKrnID1dKucRdqPXe523AY3zv/wXSWIy6S9HqIP9C",
        "$2b$03$wTVg8NIRPkjpnKrnID1dKucRdqPXe523AY3zv/wXSWIy6S9HqIP9C",
        // The variant with the bug that $2y$ and $2b$ came for.
        "$2x$05$wTVg8NIRPkjpnKrnID1dKucRdqPXe523AY3zv/wXSWIy6S9HqIP9C",
        "$scrypt$ln=20,r=8,p=1$I2SM0XrP+f+f8/7/f8+5Fw$0lJDtf0JjvN6U5AlIqUDT49nxknj9fqvBlof4AGU3LQ",
        "$scrypt$ln=17,r=8,p=64$I2SM0XrP+f+f8/7/f8+5Fw$0lJDtf0JjvN6U5AlIqUDT49nxknj9fqvBlof4AGU3LQ",
        "$scrypt$ln=63,r=8,p=1$I2SM0XrP+f+f8/7/f8+5Fw$0lJDtf0JjvN6U5AlIqUDT49nxknj9fqvBlof4AGU3LQ",
        "$scrypt$ln=-1,r=8,p=1$I2SM0XrP+f+f8/7/f8+5Fw$0lJDtf0JjvN6U5AlIqUDT49nxknj9fqvBlof4AGU3LQ",
        "$scrypt$ln=10,r=9223372036854775807,p=1$I2SM0XrP+f+f8/7/f8+5Fw$0lJDtf0JjvN6U5AlIqUDT49nxknj9fqvBlof4A",
        "$7$I6..../....6v7dVsu1GMOa7jeAK7Ry5eChqrVHFfuY01jPgw0cKo5$dnT.9np3NKGR0vhHvLYX3celMszIbb4iswUg/Ph/gx3",
        "$7$8zzzzzzzzzz6v7dVsu1GMOa7jeAK7Ry5eChqrVHFfuY01jPgw0cKo5$dnT.9np3NKGR0vhHvLYX3celMszIbb4iswUg/Ph/gx3",
        "$pbkdf2-sha256$2000001$HAMgpBSi9L53rrX2HqPU2g$iX5enhXHjj6f4cww8sgzPigN.Ii/dyKk3txIzLw0mWE",
        "$pbkdf2-sha256$0$HAMgpBSi9L53rrX2HqPU2g$iX5enhXHjj6f4cww8sgzPigN.Ii/dyKk3txIzLw0mWE",
        "$pbkdf2-sha256$i=1000,l=20$HAMgpBSi9L53rrX2HqPU2g$iX5enhXHjj6f4cww8sgzPigN.Ii/dyKk3txIzLw0mWE",
        "$pbkdf2-sha256$1000$HAMgpBSi9L53rrX2HqPU2g$iX5e",
        "$pbkdf2-md5$1000$HAMgpBSi9L53rrX2HqPU2g$iX5enhXHjj6f4cww8sgzPigN.Ii/dyKk3txIzLw0mWE",
        "pbkdf2_sha256$99999999999999999999$salt$2ZgYWO0Lo7J3mkjp/b79xITKUpSbmltz2oyzAQ6daH4=",
        // Schemes that nobody should have used for passwords.
        "$1$salt$qJH7.N4xYta3aEG/dfqo/0", "5f4dcc3b5aa765d61d8327deb882cf99", "$", "$$$$", "$2b$", "$7$", "$scrypt$$$",
        "$argon2id$v=19$m=4000000,t=2,p=1$c2FsdHNhbHQ$B0Qj+ar7rUI3amhi3J0M4IoJuJ9+jYujmWFOwLXoCbg",
        "$argon2id$v=19$m=64,t=0,p=1$c2FsdHNhbHQ$B0Qj+ar7rUI3amhi3J0M4IoJuJ9+jYujmWFOwLXoCbg",
    ])
    func `a hash of absurd cost or unknown scheme is refused and never run`(stored: String) {
        #expect(!PasswordHash.canVerify(stored))
        #expect(!PasswordHash.verify(Self.password, against: stored))
    }

    @Test func `what OWASP asks for is taken`() throws {
        // Only that they are taken: their cost is what they are for.
        for stored in [
            "$2b$14$wTVg8NIRPkjpnKrnID1dKucRdqPXe523AY3zv/wXSWIy6S9HqIP9C",
            "$scrypt$ln=17,r=8,p=1$I2SM0XrP+f+f8/7/f8+5Fw$0lJDtf0JjvN6U5AlIqUDT49nxknj9fqvBlof4AGU3LQ",
            "$pbkdf2-sha256$600000$HAMgpBSi9L53rrX2HqPU2g$iX5enhXHjj6f4cww8sgzPigN.Ii/dyKk3txIzLw0mWE",
            "pbkdf2_sha256$1000000$saltsaltsaltsalt$2ZgYWO0Lo7J3mkjp/b79xITKUpSbmltz2oyzAQ6daH4=",
            try PasswordHash.standard.hash(Self.password),
        ] { #expect(PasswordHash.canVerify(stored), "\(stored)") }
    }
}
