import TestSupport

/// What guests do for one another's sake.
extension Guest {
    /// Likes a picture, sometimes twice, and says something about it; a stranger's may not be ready to be seen.
    mutating func praise(_ picture: String) async throws {
        for _ in 0..<(random.chance(30) ? 2 : 1) {
            let path = "/v1/media/\(picture)/likes/me"
            let answer = try await client.send("PUT", path, token: tokens[0], expect: [200, 404])
            guard answer.status == 200 else { return }
            journal.note("liked", ["media": picture, "user": user])
        }
        let body = "\(random.key()) đẹp quá"
        let answer = try await client.send(
            "POST",
            "/v1/media/\(picture)/comments",
            #"{"body":"\#(body)"}"#,
            token: tokens[0],
            key: random.key(),
            expect: [201, 404]
        )
        guard answer.status == 201 else { return }
        let comment = try answer.json.text("id")
        journal.note("commented", ["media": picture, "comment": comment, "user": user, "body": body])
    }

    /// Writes somebody a few messages, each under a name of its own, some of them twice.
    mutating func talk(to other: String) async throws {
        let room = try await client.send(
            "POST",
            "/v1/chat/rooms",
            #"{"type":"direct","member_ids":["\#(other)"]}"#,
            token: tokens[0],
            // 422: Chat, or what it hears of people by, was away since they signed up.
            expect: [200, 201, 422]
        )
        guard room.status < 300 else { return }
        let id = try room.json.text("id")
        for _ in 0..<Int.random(in: 1...3, using: &random) { try await say(random.key(), in: id) }
    }

    private mutating func say(_ name: String, in room: String) async throws {
        let path = "/v1/chat/rooms/\(room)/messages/\(name)"
        for _ in 0..<(random.chance(20) ? 2 : 1) {
            let answer = try await client.send(
                "PUT",
                path,
                #"{"body":"chào \#(name)"}"#,
                token: tokens[0],
                expect: [200, 201]
            )
            guard let seq = answer.json["seq"].int else { return }
            let members = ["room": room, "name": name, "seq": "\(seq)", "user": user, "token": tokens[0]]
            journal.note("said", members)
        }
    }
}
