import System
import TestSupport
import Testing

/// Accounts that come from elsewhere with the hashes of their passwords.
@Suite(.serialized) struct ImportTests {
    private static let password = "tám con mèo đỏ ngủ"
    /// By passlib, libsodium and Django; none is what this service makes.
    private static let hashes = [
        "bcrypt": "$2b$05$wTVg8NIRPkjpnKrnID1dKucRdqPXe523AY3zv/wXSWIy6S9HqIP9C",
        "scrypt": "$scrypt$ln=10,r=8,p=2$I2SM0XrP+f+f8/7/f8+5Fw$0lJDtf0JjvN6U5AlIqUDT49nxknj9fqvBlof4AGU3LQ",
        "sodium":
            "$7$86..../....6v7dVsu1GMOa7jeAK7Ry5eChqrVHFfuY01jPgw0cKo5$dnT.9np3NKGR0vhHvLYX3celMszIbb4iswUg/Ph/gx3",
        "django": "pbkdf2_sha256$1000$saltsaltsaltsalt$2ZgYWO0Lo7J3mkjp/b79xITKUpSbmltz2oyzAQ6daH4=",
        "passlib": "$pbkdf2-sha256$1000$HAMgpBSi9L53rrX2HqPU2g$iX5enhXHjj6f4cww8sgzPigN.Ii/dyKk3txIzLw0mWE",
    ]

    private func body(_ name: String, _ hash: String) -> String {
        #"{"email":"\#(name)@example.org","email_verified":true,"password_hash":"\#(hash)","display_name":"Mai"}"#
    }

    @Test func `who comes with a hash of another program logs in, and is hashed anew by that`() async throws {
        let fixture = try await UserServiceFixture()
        let admin = try await fixture.adminToken()
        for (name, hash) in Self.hashes {
            let made = try await fixture.call("POST", "/v1/admin/users", body(name, hash), token: admin)
            try #require(made.status == 201, "\(name): \(made.body)")
            #expect(made.json["email_verified"].bool == true)
            #expect(!made.body.contains(hash))
            let stored = "SELECT password_hash FROM users WHERE email = '\(name)@example.org'"
            #expect(try await fixture.verify("\(name)@example.org", "tám con mèo đỏ ngu").status == 401)
            #expect(try await fixture.rows(stored) == hash)
            let verified = try await fixture.verify("\(name)@example.org", Self.password)
            #expect(verified.status == 200 && verified.json["user_id"].string == made.json["id"].string)
            #expect(try await fixture.rows(stored).hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
            #expect(try await fixture.verify("\(name)@example.org", Self.password).status == 200)
        }
        let id = try await fixture.rows("SELECT lower(hex(id)) FROM users WHERE email = 'bcrypt@example.org'")
        let acts = "SELECT act FROM admin_acts WHERE user_id = x'\(id)'"
        #expect(try await fixture.rows(acts) == "imported")
        #expect(try await fixture.rows("SELECT count(*) FROM confirmations") == "0")
    }

    @Test func `an account is imported once, by admins alone, and asked to prove its address unless it has`()
        async throws
    {
        let fixture = try await UserServiceFixture()
        let admin = try await fixture.adminToken()
        let hash = try #require(Self.hashes["bcrypt"])
        let user = try fixture.token(try await fixture.register("linh@example.org"))
        let path = "/v1/admin/users"
        #expect(try await fixture.call("POST", path, body("mai", hash)).status == 401)
        #expect(try await fixture.call("POST", path, body("mai", hash), token: user).status == 403)
        let unproved = body("mai", hash).replacing("true", with: "false")
        for _ in 0..<2 {
            let headers = ["Idempotency-Key": "mai-1"]
            let made = try await fixture.call("POST", path, unproved, token: admin, headers: headers)
            #expect(made.status == 201 && made.json["email_verified"].bool == false)
        }
        let waiting =
            "SELECT count(*) FROM confirmations JOIN users ON user_id = id WHERE users.email = 'mai@example.org'"
        #expect(try await fixture.rows(waiting) == "1")
        let again = try await fixture.call("POST", path, unproved, token: admin)
        #expect(again.status == 409 && again.json["code"].string == "email_taken")
    }
}
