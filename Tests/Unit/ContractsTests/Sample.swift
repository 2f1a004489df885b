import Contracts
import EventBus
import System

/// An event of a type with every member that events of the type carry, and how it is read and written.
struct Sample: Sendable {
    let event: Event
    private let rewrite: @Sendable (Event) throws -> Event

    init<Payload: EventPayload>(_ payload: Payload) throws {
        event = try Event(payload, id: .sample(0xFF), at: .sample, sequence: 3)
        rewrite = { try Event($0.decode(Payload.self), id: $0.id, at: $0.time) }
    }

    /// What is written after bytes of the type have been read.
    func rewritten(_ value: [UInt8]) throws -> [UInt8] {
        let read = try Event(topic: event.topic, key: Array(event.key.utf8), headers: event.headers, value: value)
        return try rewrite(read).value ?? []
    }
}

extension Identifier {
    /// A version 7 identifier that is always the same; made of 16 bytes.
    static func sample(_ last: UInt8) -> Identifier {
        Identifier(bytes: [1, 0x95, 0xAD, 0xC0, 0xDE, 0, 0x70, 1, 0x80, 0, 0, 0, 0, 0, 0, last])!
    }
}

extension Timestamp {
    /// 2025-03-19T10:00:00Z.
    static let sample = Timestamp(milliseconds: 1_742_378_400_000)
}

extension Sample {
    private static let user = Identifier.sample(1)
    private static let booking = Identifier.sample(2)
    private static let movie = Identifier.sample(3)
    private static let showtime = Identifier.sample(4)
    private static let session = Identifier.sample(5)
    private static let later = Timestamp.sample.adding(seconds: 300)

    /// One of each type.
    static func all() throws -> [Sample] {
        try users() + authentication() + sales() + notifications() + media() + publication() + comments() + batches()
            + likes() + chat() + presence() + gateway()
    }

    private static func users() throws -> [Sample] {
        let (other, erasure) = (Identifier.sample(6), Identifier.sample(7))
        return [
            try Sample(UserRegistered(userID: user, locale: "vi", role: .user, timestamp: .sample)),
            try Sample(
                UserProfile(
                    userID: user,
                    email: "lan@example.com",
                    handle: "lan",
                    displayName: "Lan Nguyễn",
                    locale: "vi",
                    role: .user
                )
            ),
            try Sample(UserLoggedIn(userID: user, timestamp: .sample)),
            try Sample(UserUpdated(userID: user, timestamp: .sample)),
            try Sample(UserPasswordChanged(userID: user, timestamp: .sample)),
            try Sample(UserEmailChanged(userID: user, timestamp: .sample)),
            try Sample(UserRoleChanged(userID: user, role: .staff, timestamp: .sample)),
            try Sample(UserBanned(userID: user, reason: "spam", timestamp: .sample)),
            try Sample(UserUnbanned(userID: user, timestamp: .sample)),
            try Sample(UserBlocked(userID: user, targetID: other, timestamp: .sample)),
            try Sample(UserUnblocked(userID: user, targetID: other, timestamp: .sample)),
            try Sample(UserMuted(userID: user, targetID: other, timestamp: .sample)),
            try Sample(UserUnmuted(userID: user, targetID: other, timestamp: .sample)),
            try Sample(UserDeleted(userID: user, erasureID: erasure, timestamp: .sample)),
            try Sample(UserErased(userID: user, erasureID: erasure, service: "auth", timestamp: .sample)),
        ]
    }

    private static func authentication() throws -> [Sample] {
        [
            try Sample(activity(AuthActivityName.LoginSucceeded.self)),
            try Sample(
                LoginFailed(
                    account: "5feceb66ffc86f38d952786c6d696c79",
                    addressPrefix: "192.0.2.0/24",
                    userAgent: "curl/7.88.1",
                    reason: "invalid_credentials",
                    timestamp: .sample
                )
            ),
            try Sample(activity(AuthActivityName.LoggedOut.self, reason: "global")),
            try Sample(activity(AuthActivityName.AccessDenied.self, reason: "forbidden")),
            try Sample(activity(AuthActivityName.TokenRefreshed.self)),
            try Sample(activity(AuthActivityName.TokenExpired.self)),
            try Sample(activity(AuthActivityName.TokenRevoked.self, reason: "reuse_detected")),
            try Sample(
                AccountLocked(
                    account: "5feceb66ffc86f38d952786c6d696c79",
                    addressPrefix: "2001:db8:1::/48",
                    until: later,
                    timestamp: .sample
                )
            ),
            try Sample(activity(AuthActivityName.PasswordResetRequested.self)),
            try Sample(activity(AuthActivityName.PasswordReset.self)),
            try Sample(activity(AuthActivityName.MFAEnabled.self)),
            try Sample(activity(AuthActivityName.MFADisabled.self)),
            try Sample(activity(AuthActivityName.RecoveryCodeUsed.self)),
            try Sample(SessionRevoked(userID: user, sessionID: session, notBefore: .sample, reason: "logout")),
        ]
    }

    private static func activity<Name: EventName>(_ name: Name.Type, reason: String? = nil) -> AuthActivity<Name> {
        AuthActivity(
            userID: user,
            sessionID: session,
            addressPrefix: "192.0.2.0/24",
            userAgent: "curl/7.88.1",
            reason: reason,
            timestamp: .sample
        )
    }

    private static func sales() throws -> [Sample] {
        let request = TicketRequested(
            requestID: booking,
            userID: user,
            movieID: movie,
            showtimeID: showtime,
            showtime: "2025-03-20 19:00",
            seats: ["A1", "A2"],
            timestamp: .sample
        )
        return [
            try Sample(request),
            try Sample(seats(SeatChangeName.Locked.self, until: later)),
            try Sample(seats(SeatChangeName.Rejected.self, reason: "seats_taken", conflicts: ["A2"])),
            try Sample(seats(SeatChangeName.Released.self, reason: "expired")),
            try Sample(seats(SeatChangeName.Booked.self)),
            try Sample(seats(SeatChangeName.Freed.self, reason: "cancelled")),
            try Sample(payment(PaymentName.Succeeded.self, .inTime)),
            try Sample(payment(PaymentName.Failed.self, .inTime, reason: "card_declined")),
            try Sample(payment(PaymentName.Refunded.self, .late, reason: "late")),
            try Sample(tickets(TicketChangeName.Booked.self)),
            try Sample(tickets(TicketChangeName.Cancelled.self)),
            try Sample(tickets(TicketChangeName.Expired.self)),
            try Sample(tickets(TicketChangeName.CheckedIn.self)),
            try Sample(tickets(TicketChangeName.Transferred.self)),
            try Sample(
                TicketCountsReported(
                    showtimeID: showtime,
                    movieID: movie,
                    booked: 5,
                    cancelled: 2,
                    expired: 1,
                    checkedIn: 3,
                    revenue: 450_000,
                    currency: "VND",
                    timestamp: .sample,
                    offsets: ["ticket-requests-3": 12, "payment-events-3": 7]
                )
            ),
        ]
    }

    private static func seats<Name: EventName>(
        _ name: Name.Type,
        until: Timestamp? = nil,
        reason: String? = nil,
        conflicts: [String]? = nil
    ) -> SeatChange<Name> {
        SeatChange(
            requestID: booking,
            userID: user,
            showtimeID: showtime,
            seats: ["A1", "A2"],
            expiration: until,
            reason: reason,
            conflicts: conflicts
        )
    }

    private static func payment<Name: EventName>(
        _ name: Name.Type,
        _ verdict: PaymentVerdict,
        reason: String? = nil
    ) -> Payment<Name> {
        Payment(
            bookingID: booking,
            showtimeID: showtime,
            userID: user,
            paymentID: "pay456",
            verdict: verdict,
            amount: 180_000,
            currency: "VND",
            timestamp: .sample,
            reason: reason
        )
    }

    private static func tickets<Name: EventName>(_ name: Name.Type) -> TicketChange<Name> {
        TicketChange(
            bookingID: booking,
            userID: user,
            movieID: movie,
            showtimeID: showtime,
            seats: ["A1", "A2"],
            amount: 180_000,
            currency: "VND",
            timestamp: .sample
        )
    }

    private static func notifications() throws -> [Sample] {
        let request = NotificationRequested(
            userID: user,
            message: "Vé của bạn cho suất 19:00 đã được đặt thành công!",
            template: "booking.booked",
            data: ["booking_id": booking.description, "time": "19:00", "date": "2025-03-20", "seats": "A1, A2"]
        )
        return [
            try Sample(request),
            try Sample(outcome(NotificationOutcomeName.Delivered.self, channel: "in_app")),
            try Sample(outcome(NotificationOutcomeName.Failed.self, channel: "email", reason: "550 no such user")),
            try Sample(outcome(NotificationOutcomeName.Read.self, channel: "in_app")),
        ]
    }

    private static func outcome<Name: EventName>(
        _ name: Name.Type,
        channel: String,
        reason: String? = nil
    ) -> NotificationOutcome<Name> {
        NotificationOutcome(
            notificationID: .sample(8),
            userID: user,
            channel: channel,
            template: "booking.booked",
            timestamp: .sample,
            reason: reason
        )
    }

    private static func gateway() throws -> [Sample] {
        let request = GatewayRequest(
            requestID: "0af7651916cd43dd8448eb211c80319c",
            gatewayID: "gateway-1",
            sequence: 7,
            dropped: 0,
            method: "POST",
            route: "/v1/bookings",
            service: "booking",
            status: 202,
            isComplete: true,
            durationMicroseconds: 5200,
            upstreamMicroseconds: 4100,
            requestBytes: 75,
            responseBytes: 310,
            userID: user,
            sessionID: session,
            addressPrefix: "192.0.2.0/24",
            addressKey: "9ae16a3b2f90404f",
            traceID: "0af7651916cd43dd8448eb211c80319c",
            policyVersion: 0,
            decision: "allowed",
            judgedAt: 81_234_567_890_123,
            userJudgedAt: 81_234_567_950_456,
            timestamp: .sample
        )
        let rules = [
            RateLimitRule("address", scope: .address, quota: 12_000),
            RateLimitRule("log-ins", scope: .address, method: "POST", route: "/v1/auth/login", quota: 240, burst: 20),
            RateLimitRule("failed-log-ins", counts: .failedLogIns, scope: .account, quota: 20, windowSeconds: 900),
        ]
        let policy = RateLimitsChanged(rules: rules, changedBy: user, timestamp: .sample)
        let span = TraceSpan(
            traceID: "0af7651916cd43dd8448eb211c80319c",
            spanID: "b7ad6b7169203331",
            parentID: "00f067aa0ba902b7",
            kind: "consumer",
            service: "booking",
            name: "seat-locker",
            status: 200,
            eventID: .sample(9),
            durationMicroseconds: 410,
            timestamp: .sample
        )
        let read = PayloadsRead(
            userID: user,
            readTopic: "ticket-requests",
            partition: 3,
            offset: 40,
            count: 20,
            timestamp: .sample
        )
        let redriven = DeadLettersRedriven(
            userID: user,
            deadLetters: "media-events.notification.dlq",
            limit: 1000,
            timestamp: .sample
        )
        return [
            try Sample(request), try Sample(policy), try Sample(span), try Sample(read), try Sample(redriven),
        ]
    }
}
