import System
import TestSupport
import Testing

extension EndToEnd {
    /// Photos and unfinished uploads in backups.
    @Suite struct MediaBackupTests {
        @Test func `after damage every photo is as it was, and an interrupted upload goes on`() async throws {
            let folder = try TemporaryDirectory()
            let (data, backup) = (folder.appending("data"), folder.appending("backup"))
            let (photo, film) = (try await picture(in: folder), try await picture(in: folder, number: 2))
            let half = (try File.status(film)?.size ?? 0) / 2
            var (id, upload, count) = ("", "", "")
            try await RunningStack.with(["MARQUEE_DATA": data]) { stack in
                let token = try await signUp(to: stack)
                id = try await add(photo, by: token, to: stack)
                try await expectReady(id, by: token, in: stack)
                upload = try await begin(film, by: token, in: stack)
                #expect(try await send(film, 0..<half, to: upload, by: token) == "204")
                count = try await goodContents(of: data)
                let made = try await stack.command("backup", backup)
                #expect(made.output.contains("contents: \(count) files"), "\(made.output)")
            }
            try await damage(data)
            let restored = try await Command.run(
                ServiceProcess.path(of: "stack"),
                ["restore", backup],
                environment: ["MARQUEE_DATA": data]
            )
            try #require(restored.status.isSuccess, "\(restored.output)")
            try await RunningStack.with(["MARQUEE_DATA": data]) { stack in
                let token = try await logIn(to: stack)
                #expect(try await goodContents(of: data) == count)
                #expect(try await digest(of: "\(stack.url)/v1/media/\(id)/content", by: token) == sum(of: photo))
                let path = stack.url + (upload.firstMatch(of: /\/v1\/.*/).map { String($0.0) } ?? "")
                #expect(try await header("Upload-Offset", of: path, by: token) == "\(half)")
                #expect(try await send(film, half..<(try File.status(film)?.size ?? 0), to: path, by: token) == "204")
                let whole = String(upload.split(separator: "/").last ?? "")
                try await expectReady(whole, by: token, in: stack)
                #expect(try await digest(of: "\(stack.url)/v1/media/\(whole)/content", by: token) == sum(of: film))
                try await expectDamageIsTold(data, in: stack, folder)
            }
        }

        @Test func `a backup says which contents it does not copy`() async throws {
            let folder = try TemporaryDirectory()
            let objects = try await ObjectStore.shared.value
            let place = ["BLOB_STORE": "s3:\(ObjectStore.bucket)/backup"]
            try await RunningStack.with(objects.environment.merging(place) { $1 }) { stack in
                let token = try await signUp(to: stack)
                let id = try await add(try await picture(in: folder), by: token, to: stack)
                try await expectReady(id, by: token, in: stack)
                let made = try await stack.command("backup", folder.appending("backup"))
                #expect(made.output.contains("not copied: contents in s3:marquee/backup"), "\(made.output)")
                #expect(try await stack.command("verify", folder.appending("backup")).status.isSuccess)
            }
        }

        // MARK: Content

        private func picture(in folder: TemporaryDirectory, number: Int = 1) async throws -> String {
            let path = folder.appending("picture-\(number).png")
            let source = ["-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=\(number * 400)x300:d=0.04"]
            let result = try await Command.run("ffmpeg", source + ["-frames:v", "1", path])
            try #require(result.status.isSuccess, "\(result.output)")
            return path
        }

        /// Every content gets another first byte, and the unfinished upload goes.
        private func damage(_ data: String) async throws {
            let script = """
                cd "$0" && rm media/uploads/* && find blobs -type f -exec sh -c 'printf X | dd of="$0" conv=notrunc' {} ';'
                """
            let result = try await Command.run("sh", ["-c", script, data])
            try #require(result.status.isSuccess, "\(result.output)")
            #expect(try await goodContents(of: data) == "0")
        }

        /// The number of contents that are what their names say.
        private func goodContents(of data: String) async throws -> String {
            let script = """
                cd "$0"/blobs && find . -type f -exec sha256sum {} + | awk '{ n = $2; sub(".*/", "", n); if ($1 == n) c++ }
                END { printf "%d", c }'
                """
            return try await Command.run("sh", ["-c", script, data]).output
        }

        /// A content that is damaged while the stack runs is left out of a backup, which says so.
        private func expectDamageIsTold(_ data: String, in stack: RunningStack, _ folder: TemporaryDirectory)
            async throws
        {
            let script = "cd \"$0\" && printf X | dd of=\"$(find blobs -type f | head -n 1)\" conv=notrunc"
            _ = try await Command.run("sh", ["-c", script, data])
            let made = try await stack.command("backup", folder.appending("second"))
            #expect(made.status.isSuccess && made.output.contains("left out, for it is not"), "\(made.output)")
            #expect(try await stack.command("verify", folder.appending("second")).status.isSuccess)
        }

        private func sum(of path: String) async throws -> String {
            try await Command.run("sh", ["-c", "sha256sum < \"$0\"", path]).output
        }

        private func digest(of url: String, by token: String) async throws -> String {
            let script = "curl -sf -H \"Authorization: Bearer $1\" \"$0\" | sha256sum"
            return try await Command.run("sh", ["-c", script, url, token]).output
        }

        // MARK: Uploads

        private func signUp(to stack: RunningStack) async throws -> String {
            let account = #"{"email":"mai@example.com","password":"correct horse battery","display_name":"Mai"}"#
            _ = try await stack.call("POST", "/v1/users", account, status: 201)
            return try await logIn(to: stack)
        }

        private func logIn(to stack: RunningStack) async throws -> String {
            try await stack.logIn("mai@example.com", password: "correct horse battery")
        }

        private func add(_ path: String, by token: String, to stack: RunningStack) async throws -> String {
            let arguments = [
                "-sS", "-H", "Authorization: Bearer \(token)", "-H", "Content-Type:", "--data-binary", "@\(path)",
            ]
            let answer = try await Command.run("curl", arguments + ["\(stack.url)/v1/media"])
            return try JSON(parsing: answer.output).text("id")
        }

        private func expectReady(_ id: String, by token: String, in stack: RunningStack) async throws {
            try await eventually("\(id) is ready", within: 60) {
                let item = try await stack.call("GET", "/v1/media/\(id)", token: token, status: 200)
                return item["state"].string == "ready"
            }
        }

        private func begin(_ path: String, by token: String, in stack: RunningStack) async throws -> String {
            let size = try File.status(path)?.size ?? 0
            let fields = ["Tus-Resumable": "1.0.0", "Upload-Length": "\(size)"]
            let url = "\(stack.url)/v1/media/uploads"
            let answer = try await Curl.request("POST", url, token: token, headers: fields)
            let location = try #require(answer.headers["location"], "\(answer.status) \(answer.body)")
            return location.hasPrefix("/") ? stack.url + location : location
        }

        private func send(_ path: String, _ range: Range<Int64>, to url: String, by token: String) async throws
            -> String
        {
            let part = path + ".part"
            try File.write(part, Array(try File.read(path)[Int(range.lowerBound)..<Int(range.upperBound)]))
            let fields = [
                "Authorization: Bearer \(token)", "Tus-Resumable: 1.0.0", "Upload-Offset: \(range.lowerBound)",
                "Content-Type: application/offset+octet-stream",
            ]
            let arguments = [
                "-sS", "-X", "PATCH", "-o", "/dev/null", "-w", "%{http_code}", "--data-binary", "@\(part)", url,
            ]
            return try await Command.run("curl", arguments + fields.flatMap { ["-H", $0] }).output
        }

        private func header(_ name: String, of url: String, by token: String) async throws -> String? {
            let answer = try await Curl.request("HEAD", url, token: token, headers: ["Tus-Resumable": "1.0.0"])
            return answer.headers[name.lowercased()]
        }
    }
}
