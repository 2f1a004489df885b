import TestSupport
import Testing

extension EndToEnd {
    /// What the end of a session means everywhere.
    @Suite struct SessionTests {
        /// A route of each service that only a good token opens.
        static let doors = [
            "gateway": "/v1/users/me", "user": "/v1/users/me", "auth": "/v1/auth/sessions",
            "media": "/v1/media", "batch-upload": "/v1/batches", "like": "/v1/users/me/likes", "chat": "/v1/chat/rooms",
            "notification": "/v1/notifications",
            "booking": "/v1/bookings", "comment": "/v1/admin/comments/reports",
            "analytics": "/v1/analytics/metrics",
        ]
        /// Those that need more than a user's token.
        private static let staffDoors: Set = ["comment", "analytics"]

        /// What each service answers to a token, past the gateway.
        static func statuses(_ stack: RunningStack, token: String) async throws -> [String: Int] {
            try await withThrowingTaskGroup { group in
                for (service, path) in doors {
                    group.addTask {
                        (service, try await Curl.request("GET", stack.url(of: service) + path, token: token).status)
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
        }

        @Test func `after a log-out every service refuses the token within a second, and its socket is closed`()
            async throws
        {
            try await RunningStack.with { stack in
                let lan = try await Cinema(stack).visitor("lan")
                let open = try await Self.statuses(stack, token: lan.token)
                for (service, status) in open {
                    #expect(status == (Self.staffDoors.contains(service) ? 403 : 200), "\(service)")
                }
                let code = try await stack.closeCodeOfSocket(token: lan.token) {
                    _ = try await stack.call("POST", "/v1/auth/logout", token: lan.token, status: 204)
                    try await eventually("every service refuses the token", within: 1) {
                        try await Self.statuses(stack, token: lan.token).allSatisfy { $0.value == 401 }
                    }
                }
                #expect(code == 4401)
            }
        }
    }
}
