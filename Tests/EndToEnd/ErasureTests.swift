import System
import TestSupport
import Testing

extension EndToEnd {
    /// What is left of somebody who has deleted their account.
    @Suite struct ErasureTests {
        /// A PNG of one pixel.
        private static let pixel: [UInt8] = [
            0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00,
            0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1F, 0x15, 0xC4, 0x89, 0x00, 0x00, 0x00,
            0x0D, 0x49, 0x44, 0x41, 0x54, 0x78, 0xDA, 0x63, 0x64, 0xF8, 0xCF, 0x50, 0x0F, 0x00, 0x03, 0x86, 0x01, 0x80,
            0x5A, 0x34, 0x7D, 0x6B, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
        ]
        /// A word of Lan's own, in everything that Lan writes.
        private static let word = "bimatcualan"

        @Test func `a deleted account is gone everywhere, and every service says so`() async throws {
            let mails = try await MailSink()
            try await RunningStack.with(["SMTP_URL": mails.url]) { stack in
                let cinema = try await Cinema(stack)
                let (lan, minh) = (try await cinema.visitor("lan"), try await cinema.visitor("minh"))
                let id = try await stack.call("GET", "/v1/users/me", token: lan.token, status: 200).text("id")
                let booking = try #require(try await lan.book("A1").json["id"].string)
                try await lan.pay(booking)
                try await Self.leaveTraces(stack, of: lan, with: minh)
                try await Self.expectTraces(stack)

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

        /// Lan uses every service that keeps something of people.
        private static func leaveTraces(_ stack: RunningStack, of lan: Visitor, with minh: Visitor) async throws {
            func call(_ method: String, _ path: String, _ body: String?, _ status: Int) async throws -> JSON {
                try await stack.call(method, path, body, token: lan.token, status: status)
            }
            try await eventually("the person is told") { try await lan.messages().isEmpty == false }
            let photo = try await LikeTests.upload(to: stack, by: minh, pixel)
            try await eventually("the photo of another is shown", within: 30) {
                let shown = try await Curl.request("GET", "\(stack.url)/v1/media/\(photo)", token: lan.token)
                return shown.json["state"].string == "ready"
            }
            _ = try await LikeTests.upload(to: stack, by: lan)
            _ = try await call("PUT", "/v1/media/\(photo)/likes/me", nil, 200)
            let comment = #"{"body":"\#(word) xin chào"}"#
            _ = try await call("POST", "/v1/media/\(photo)/comments", comment, 201)
            let file = #"{"name":"\#(word).png","size":9,"content_type":"image/png"}"#
            _ = try await call("POST", "/v1/batches", #"{"files":[\#(file)]}"#, 201)
            let other = try await stack.call("GET", "/v1/users/me", token: minh.token, status: 200).text("id")
            _ = try await call("PUT", "/v1/users/me/mutes/\(other)", nil, 204)
            let direct = #"{"type":"direct","member_ids":["\#(other)"]}"#
            let room = try await call("POST", "/v1/chat/rooms", direct, 201).text("id")
            _ = try await call("PUT", "/v1/chat/rooms/\(room)/messages/one", #"{"body":"\#(word) alo"}"#, 201)
            let address = #"{"email":"lan.moi@example.com","current_password":"correct horse battery lan"}"#
            _ = try await call("POST", "/v1/users/me/email", address, 202)
        }

        /// All of it is found where it was left, or its absence later would say nothing.
        private static func expectTraces(_ stack: RunningStack) async throws {
            let wanted = [
                "Person lan": ["user.users", "notification.profiles", "comment.profiles", "chat.people"],
                "lan@example.com": ["user.users", "notification.profiles"],
                "lan.moi@example.com": ["user.confirmations"],
                "person_lan": ["user.users", "comment.profiles"],
                word: ["comment.comments", "batch-upload.files", "chat.messages"],
            ]
            for (text, places) in wanted {
                try await eventually("\(text) is in \(places)") {
                    try await Set(tables(stack, holding: text)).isSuperset(of: places)
                }
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

        /// Addresses, names and what was written stand nowhere, the id only where it must.
        private static func expectNothingPersonal(_ stack: RunningStack, _ id: String) async throws {
            for text in ["Person lan", "person_lan", "lan@example.com", "lan.moi@example.com", word] {
                try await eventually("nothing holds \(text)") {
                    let places = try await tables(stack, holding: text)
                    return places.isEmpty
                }
            }
            // The proofs of erasures; the books; whose a picture was that is gone; and what others were told, without names.
            let services = ["auth", "batch-upload", "booking", "comment", "media", "chat", "like", "notification"]
            let allowed = Set(services.map { "\($0).erased_users" }).union([
                "user.erasures", "booking.bookings", "booking.seat_holds", "comment.targets", "like.targets",
                "notification.notifications", "notification.chat_rooms",
            ])
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
