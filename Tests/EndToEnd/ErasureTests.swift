import System
import TestSupport
import Testing

extension EndToEnd {
    /// What is left of somebody who has deleted their account.
    @Suite struct ErasureTests {
        @Test func `a deleted account is gone everywhere, and every service says so`() async throws {
            try await RunningStack.with { stack in
                let cinema = try await Cinema(stack)
                let lan = try await cinema.visitor("lan")
                let id = try await stack.call("GET", "/v1/users/me", token: lan.token, status: 200).text("id")
                let booking = try #require(try await lan.book("A1").json["id"].string)
                try await lan.pay(booking)
                try await eventually("the person is told") { try await lan.messages().isEmpty == false }
                try await eventually("Notification knows the address") {
                    try await Self.tables(stack, holding: "lan@example.com").contains("notification.profiles")
                }

                let code = try await stack.closeCodeOfSocket(token: lan.token) {
                    let begun = try await stack.call("DELETE", "/v1/users/me", token: lan.token, status: 202)
                    try await Self.expectReceipts(stack, begun)
                }
                #expect(code == 4401)
                let refused = try await Curl.request(
                    "POST",
                    "\(stack.url)/v1/auth/login",
                    json: #"{"email":"lan@example.com","password":"correct horse battery lan"}"#
                )
                #expect(refused.status == 401)
                let statuses = try await SessionTests.statuses(stack, token: lan.token)
                #expect(statuses == SessionTests.doors.mapValues { _ in 401 })
                #expect(try await Self.lengthOfLastProfile(stack, of: id) == "-1")
                // The seat stays sold, and the accounts keep their booking under the bare id.
                #expect(try await cinema.seat("A1") == "booked")
                try await Self.expectNothingPersonal(stack, id)
            }
        }

        private static func expectReceipts(_ stack: RunningStack, _ begun: JSON) async throws {
            let path = "/v1/erasures/\(try begun.text("erasure_id"))?receipt_token=\(try begun.text("receipt_token"))"
            let erasure = try await eventually("every service has acknowledged") {
                let erasure = try await stack.call("GET", path, status: 200)
                return erasure["complete"].bool == true ? erasure : nil
            }
            let receipts = erasure["services"].array.filter { $0["acknowledged_at"].string != nil }
            let services = receipts.compactMap { $0["service"].string }
            #expect(
                services.sorted() == [
                    "auth", "batch-upload", "booking", "chat", "comment", "like", "media", "notification", "user",
                ]
            )
        }

        /// Address and name stand nowhere, the id only where it must.
        private static func expectNothingPersonal(_ stack: RunningStack, _ id: String) async throws {
            try await eventually("no address and no name is left") {
                let places = try await [
                    tables(stack, holding: "Person lan"), tables(stack, holding: "lan@example.com"),
                ]
                return places.allSatisfy(\.isEmpty)
            }
            let allowed: Set = [
                "auth.erased_users", "batch-upload.erased_users", "booking.erased_users", "comment.erased_users",
                "media.erased_users", "chat.erased_users",
                "like.erased_users", "notification.erased_users", "user.erasures", "booking.bookings",
                "booking.seat_holds",
            ]
            try await eventually("the id stands only where it must") {
                let places = try await tables(stack, holding: id)
                return Set(places).isSubset(of: allowed)
            }
        }

        /// The tables of all services with a row that holds a text, or an id, somewhere.
        private static func tables(_ stack: RunningStack, holding text: String) async throws -> [String] {
            let script = "\(SourceFile.repository)/Tests/EndToEnd/tables.py"
            let found = try await Command.run(Command.pythonPath, [script, stack.data, text], within: 20)
            try #require(found.status.isSuccess, "\(found.output)")
            return found.output.split(separator: "\n").map(String.init)
        }

        /// The length of the last record of a key in `user-profiles`; -1 is a tombstone.
        private static func lengthOfLastProfile(_ stack: RunningStack, of user: String) async throws -> String? {
            let arguments = ["-C", "-e", "-q", "-o", "beginning", "-t", "user-profiles", "-f", "%k %S\n"]
            let read = try await Command.run("kcat", ["-b", stack.broker] + arguments, within: 20)
            try #require(read.status.isSuccess, "\(read.output)")
            let records = read.output.split(separator: "\n").filter { $0.hasPrefix(user) }
            return records.last.map { String($0.dropFirst(user.count + 1)) }
        }
    }
}
