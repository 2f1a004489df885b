import Contracts
import Persistence
import System

/// What admins do with others' accounts.
extension Accounts {
    /// Gives a role. Tokens with the old one end by the event.
    func setRole(of id: Identifier, to role: Role) async throws -> User {
        try await administer(id) { user, now in
            user.role = role
            return UserRoleChanged(userID: id, role: role, timestamp: now)
        }
    }

    /// Suspends an account: its sessions end by the event.
    func ban(_ id: Identifier, reason: String) async throws -> User {
        try await administer(id) { user, now in
            if user.ban == nil { user.ban = User.Ban(since: now, reason: reason) }
            return UserBanned(userID: id, reason: reason, timestamp: now)
        }
    }

    /// Ends a suspension.
    func unban(_ id: Identifier) async throws -> User {
        try await administer(id) { user, now in
            user.ban = nil
            return UserUnbanned(userID: id, timestamp: now)
        }
    }

    /// Makes the first admin, or makes an existing account one; the password of an existing account stays.
    func ensureAdmin(email: EmailAddress, password: String) async throws {
        let existing = try await database.read { connection in try connection.user(email: email) }
        guard let existing else {
            guard let name = DisplayName("Admin") else { return }
            _ = try await register(
                Registration(email: email, password: password, displayName: name, locale: .standard, role: .admin)
            )
            return
        }
        if existing.role != .admin { _ = try await setRole(of: existing.id, to: .admin) }
    }

    /// Changes an account and publishes what the closure says, and the profile when that changed; nothing when nothing
    /// did. The last admin stays one, and stays able to act.
    private func administer<Name: EventName>(
        _ id: Identifier,
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
