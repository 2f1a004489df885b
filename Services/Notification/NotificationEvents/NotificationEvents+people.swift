import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// Who people are, and what concerns their accounts.
extension NotificationEvents {
    func handlePerson(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case UserProfile.type: try follow(event, transaction)
        case UserRegistered.type:
            let user = try event.decode(UserRegistered.self).userID
            try teller.mail(notice("account.welcome", to: user, [:], event), transaction)
        case UserPasswordChanged.type:
            let user = try event.decode(UserPasswordChanged.self).userID
            try alert("password-changed", user, event, transaction)
        case UserEmailChanged.type:
            try alert("email-changed", try event.decode(UserEmailChanged.self).userID, event, transaction)
        case UserBlocked.type: try relate(event.decode(UserBlocked.self), .blocked, true, transaction)
        case UserUnblocked.type: try relate(event.decode(UserUnblocked.self), .blocked, false, transaction)
        case UserMuted.type: try relate(event.decode(UserMuted.self), .muted, true, transaction)
        case UserUnmuted.type: try relate(event.decode(UserUnmuted.self), .muted, false, transaction)
        case UserDeleted.type: try erase(try event.decode(), event, transaction)
        default: return
        }
    }

    func handleSecurity(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case LoginSucceeded.type: try greet(try event.decode(), event, transaction)
        case AccountLocked.type:
            guard let user = try event.decode(AccountLocked.self).userID else { return }
            try alert("account-locked", user, event, transaction)
        case MFAEnabled.type: try alert("mfa-enabled", try event.decode(MFAEnabled.self), event, transaction)
        case MFADisabled.type:
            let ended = try event.decode(MFADisabled.self)
            try alert(ended.actorID == nil ? "mfa-disabled" : "mfa-removed", ended, event, transaction)
        case RecoveryCodeUsed.type:
            try alert("recovery-code-used", try event.decode(RecoveryCodeUsed.self), event, transaction)
        case SessionRevoked.type:
            let revoked = try event.decode(SessionRevoked.self)
            guard revoked.reason == "reuse_detected" else { return }
            try alert("session-reused", revoked.userID, event, transaction)
        default: return
        }
    }

    private func alert(
        _ name: String,
        _ user: Identifier,
        data: [String: String] = [:],
        _ event: Event,
        _ transaction: borrowing Transaction
    ) throws {
        try teller.tell(notice("security.\(name)", to: user, data, event), cause: event, transaction)
    }

    private func alert<Name: EventName>(
        _ name: String,
        _ activity: AuthActivity<Name>,
        _ event: Event,
        _ transaction: borrowing Transaction
    ) throws {
        guard let user = activity.userID else { throw EventError(.undecodable, "\(Name.type) without a user") }
        try alert(name, user, event, transaction)
    }

    /// A log-in from a device that is new to somebody who has others is told.
    private func greet(_ login: LoginSucceeded, _ event: Event, _ transaction: borrowing Transaction) throws {
        guard let user = login.userID, try !transaction.connection.isErased(user) else { return }
        let device = Device(userAgent: login.userAgent ?? "", network: login.addressPrefix ?? "")
        guard try NotificationStore.noteLogin(of: user, from: device, at: login.timestamp, transaction) else { return }
        let time = login.timestamp.description.prefix(16).replacing("T", with: " ")
        let data = [
            "device": device.name.isEmpty ? "?" : device.name, "network": device.network, "time": "\(time) UTC",
        ]
        try alert("new-device", user, data: data, event, transaction)
    }

    private func follow(_ event: Event, _ transaction: borrowing Transaction) throws {
        guard event.value != nil else {
            guard let user = Identifier(event.key) else { throw EventError(.undecodable, "the key is no user id") }
            return try NotificationStore.erase(user, transaction)
        }
        let profile = try event.decode(UserProfile.self)
        try NotificationStore.save(
            Profile(
                userID: profile.userID,
                email: profile.email,
                name: profile.displayName,
                locale: Locale(tag: profile.locale),
                handle: profile.handle.lowercased()
            ),
            sequence: event.sequence ?? 0,
            transaction
        )
    }

    private func relate<Name: EventName>(
        _ change: UserChange<Name>,
        _ relation: Relation,
        _ isSet: Bool,
        _ transaction: borrowing Transaction
    ) throws {
        guard let other = change.targetID else { throw EventError(.undecodable, "\(Name.type) without a target") }
        try NotificationStore.set(relation, of: change.userID, to: other, isSet, transaction)
    }

    private func erase(_ deleted: UserDeleted, _ event: Event, _ transaction: borrowing Transaction) throws {
        try NotificationStore.erase(deleted.userID, transaction)
        let receipt = UserErased(
            userID: deleted.userID,
            erasureID: deleted.erasureID,
            service: "notification",
            timestamp: clock.now
        )
        try transaction.publish(receipt, at: clock.now, cause: EventCause(event), source: "/notification")
    }
}
