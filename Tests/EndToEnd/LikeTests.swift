import System
import TestSupport
import Testing

extension EndToEnd {
    /// Likes of real photos and comments, at the gateway.
    @Suite struct LikeTests {
        @Test func `a photo and a comment are liked as soon as they are there, and their likes go with them`()
            async throws
        {
            try await RunningStack.with { stack in
                let lan = try await Cinema(stack).visitor("lan")
                let photo = try await Self.upload(to: stack, by: lan)
                let comment = try await eventually("a comment") {
                    try await Curl.request(
                        "POST",
                        "\(stack.url)/v1/media/\(photo)/comments",
                        json: #"{"body":"Đẹp quá"}"#,
                        token: lan.token
                    ).json["id"].string
                }
                for path in ["/v1/media/\(photo)/likes", "/v1/comments/\(comment)/likes"] {
                    for method in ["PUT", "PUT", "GET"] {
                        let like = try await stack.call(method, "\(path)/me", token: lan.token, status: 200)
                        #expect(like["liked"].bool == true && like["count"].int == 1, "\(method) \(path): \(like)")
                    }
                    let list = try await stack.call("GET", path, token: lan.token, status: 200)
                    #expect(list["items"].array.count == 1)
                }
                let own = try await stack.call("GET", "/v1/users/me/likes", token: lan.token, status: 200)
                #expect(own["items"].array.compactMap { $0["id"].string } == [comment, photo])
                let body = #"{"targets":[{"type":"media","id":"\#(photo)"},{"type":"comment","id":"\#(comment)"}]}"#
                let counts = try await stack.call("POST", "/v1/likes/counts", body, token: lan.token, status: 200)
                #expect(counts["items"].array.compactMap { $0["count"].int } == [1, 1])

                _ = try await stack.call("DELETE", "/v1/media/\(photo)", token: lan.token, status: 204)
                try await eventually("its like is gone") {
                    try await stack.call("GET", "/v1/users/me/likes", token: lan.token, status: 200)["items"].array
                        .isEmpty
                }
                let admin = try await stack.administrator()
                let audit = try await stack.call("GET", "/v1/admin/likes/audit", token: admin, status: 200)
                #expect(audit["drift"].int == 0, "\(audit)")
                _ = try await stack.call("GET", "/v1/admin/likes/audit", token: lan.token, status: 403)
            }
        }

        /// What begins as a picture does is taken as one; its owner sees it at once.
        static func upload(
            to stack: RunningStack,
            by visitor: Visitor,
            _ content: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + (0..<255)
        ) async throws -> String {
            let folder = try TemporaryDirectory()
            let path = folder.appending("photo.png")
            try File.replace(path, with: content)
            let answer = try await Command.run(
                "curl",
                [
                    "-sS", "-X", "POST", "-H", "Authorization: Bearer \(visitor.token)", "-H", "Content-Type:",
                    "--data-binary", "@\(path)", "\(stack.url)/v1/media",
                ]
            )
            return try JSON(parsing: answer.output).text("id")
        }
    }
}
