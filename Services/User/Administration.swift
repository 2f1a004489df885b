import Contracts
import Persistence
import System

/// What admins do with others' accounts. Each act is kept with who did it, and told with the change.
extension Accounts {
    /// Gives a role. Tokens with the old one end by the event.
    func setRole(of id: Identifier, to role: Role, by admin: Identifier?) async throws -> User {
        try await administer(id, by: admin, .roleChanged, role.rawValue) { user, now in
            user.role = role
            return UserRoleChanged(userID: id, actorID: admin, role: role, timestamp: now)
        }
    }

    /// Suspends an account, for good or until an instant: its sessions end by the event. A repeat takes the new reason and
    /// end; the suspension began when it began.
    func ban(_ id: Identifier, reason: String, until: Timestamp?, by admin: Identifier) async throws -> User {
        try await administer(id, by: admin, .banned, reason) { user, now in
            user.ban = User.Ban(since: user.ban?.since ?? now, reason: reason, until: until)
            return UserBanned(userID: id, actorID: admin, reason: reason, until: until, timestamp: now)
        }
    }

    /// Ends a suspension.
    func unban(_ id: Identifier, by admin: Identifier) async throws -> User {
        try await administer(id, by: admin, .unbanned, "") { user, now in
            user.ban = nil
            return UserUnbanned(userID: id, actorID: admin, timestamp: now)
        }
    }

    /// Ends the suspensions whose time has come, and says when the next one ends.
    func endBans(at now: Timestamp) async throws -> Timestamp? {
        let due = try await database.read { connection in try connection.endedBans(at: now, limit: 50) }
        for id in due {
            _ = try await administer(id, by: nil, .unbanned, "its time has come") { user, now in
                if let until = user.ban?.until, until <= now { user.ban = nil }
                return UserUnbanned(userID: id, timestamp: now)
            }
        }
        return try await database.read { connection in try connection.nextBanEnd() }
    }

    /// Makes the first admin, whose address is taken for verified; or makes an existing account one, whose password stays.
    func ensureAdmin(email: EmailAddress, password: String) async throws {
        let existing = try await database.read { connection in try connection.user(email: email) }
        guard let existing else {
            guard let name = DisplayName("Admin") else { return }
            var first = Registration(email: email, password: .password(password), displayName: name, role: .admin)
            first.isVerified = true
            _ = try await register(first)
            return
        }
        if existing.role != .admin { _ = try await setRole(of: existing.id, to: .admin, by: nil) }
    }

    /// Changes an account and publishes what the closure says, and the profile when that changed; nothing when nothing
    /// did. The last admin stays one, and stays able to act.
    private func administer<Name: EventName>(
        _ id: Identifier,
        by admin: Identifier?,
        _ act: AdminAct.Kind,
        _ detail: String,
        _ change: @escaping @Sendable (inout User, Timestamp) -> UserChange<Name>
    ) async throws -> User {
        let (now, traceparent) = (clock.now, Self.traceparent)
        return try await database.write { transaction in
            guard let user = try transaction.connection.user(id) else { throw UserError.notFound }
            var changed = user
            let event = change(&changed, now)
            guard changed != user else { return user }
            if user.isActingAdmin, !changed.isActingAdmin, try !transaction.connection.hasAdmin(besides: id) {
                throw UserError.lastAdmin
            }
            changed.version += 1
            try transaction.update(changed)
            let entry = AdminAct(id: .version7(at: now), adminID: admin, kind: act, detail: detail)
            try transaction.insert(entry, on: id)
            if changed.profile != user.profile {
                try transaction.publishProfile(of: changed, at: now, traceparent: traceparent)
            }
            try transaction.publishChange(event, of: changed, traceparent: traceparent)
            return changed
        }
    }
}

extension User {
    fileprivate var isActingAdmin: Bool { role == .admin && ban == nil }
}
