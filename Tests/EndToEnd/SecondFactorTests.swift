import TestSupport
import Testing

extension EndToEnd {
    /// A second factor from its first code to its loss, through the gateway; pyotp is the authenticator app.
    @Suite struct SecondFactorTests {
        /// What pyotp shows for a secret, so many steps from now.
        private func code(_ secret: String, steps: Int = 0) async throws -> String {
            let program = """
                import sys, time, pyotp
                print(pyotp.TOTP(sys.argv[1]).at(int(time.time()) + 30 * int(sys.argv[2])))
                """
            let run = try await Command.python(program, [secret, String(steps)])
            return String(run.output.filter(\.isNumber))
        }

        /// Somebody who has signed up, and logs in again and again.
        private struct Owner {
            let stack: RunningStack
            let token: String
            let id: String

            init(in stack: RunningStack) async throws {
                self.stack = stack
                token = try await Cinema(stack).visitor("lan").token
                id = try await stack.call("GET", "/v1/users/me", token: token, status: 200).text("id")
            }

            func logIn() async throws -> JSON {
                let body = #"{"email":"lan@example.com","password":"correct horse battery lan"}"#
                return try await stack.call("POST", "/v1/auth/login", body, status: 200)
            }

            /// Begins a log-in and shows a proof: its status, or the code of the refusal.
            func show(_ member: String, _ proof: String) async throws -> String {
                let begun = try await logIn()
                #expect(begun["mfa_required"].bool == true && begun["access_token"].string == nil)
                let body = #"{"mfa_token":"\#(try begun.text("mfa_token"))","\#(member)":"\#(proof)"}"#
                let answer = try await Curl.request("POST", stack.url + "/v1/auth/mfa/login", json: body)
                return answer.json["code"].string ?? "\(answer.status)"
            }

            func messages() async throws -> [String] {
                let list = try await stack.call("GET", "/v1/notifications", token: token, status: 200)
                return list["items"].array.compactMap { $0["message"].string }
            }
        }

        @Test func `enrolled, shown, used up, and ended by an admin when it is lost`() async throws {
            try await RunningStack.with { stack in
                let owner = try await Owner(in: stack)
                let begun = try await stack.call("POST", "/v1/auth/mfa/totp", "{}", token: owner.token, status: 200)
                let secret = try begun.text("secret")
                let verify = "/v1/auth/mfa/totp/verify"
                _ = try await stack.call("POST", verify, #"{"code":"12345"}"#, token: owner.token, status: 401)
                let first = try await code(secret, steps: -1)
                let verified = try await stack.call(
                    "POST",
                    verify,
                    #"{"code":"\#(first)"}"#,
                    token: owner.token,
                    status: 200
                )
                let recovery = verified["recovery_codes"].array.compactMap(\.string)
                try #require(recovery.count == 10)

                let now = try await code(secret)
                #expect(try await owner.show("code", "12345") == "invalid_code")
                #expect(try await owner.show("code", first) == "invalid_code", "it was shown before")
                #expect(try await owner.show("code", now) == "200")
                #expect(try await owner.show("code", now) == "invalid_code", "a code counts once")
                #expect(try await owner.show("recovery_code", recovery[0]) == "200")
                #expect(try await owner.show("recovery_code", recovery[0]) == "invalid_code", "so does a recovery code")
                try await expectRemoval(of: owner)
            }
        }

        /// An admin removes it; nobody else can, and the owner is told.
        private func expectRemoval(of owner: Owner) async throws {
            let stack = owner.stack
            let admin = try await stack.administrator()
            let path = "/v1/admin/users/\(owner.id)/mfa/totp"
            _ = try await stack.call("DELETE", path, token: owner.token, status: 403)
            let adminID = try await stack.call("GET", "/v1/users/me", token: admin, status: 200).text("id")
            _ = try await stack.call("DELETE", "/v1/admin/users/\(adminID)/mfa/totp", token: admin, status: 403)
            _ = try await stack.call("DELETE", path, token: admin, status: 204)
            _ = try await stack.call("DELETE", path, token: admin, status: 404)
            #expect(try await owner.logIn()["access_token"].string != nil)
            let trail = try await stack.call("GET", "/v1/auth/audit", token: owner.token, status: 200)
            let entry = try #require(trail["items"].array.first { $0["type"].string == "auth.mfa-disabled" })
            #expect(entry["reason"].string == "removed_by_admin" && entry["user_agent"].string == "")
            try await eventually("the owner is told", within: 20) {
                try await owner.messages().contains { $0.contains("Quản trị viên") }
            }
        }
    }
}
