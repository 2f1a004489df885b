import Mailing
import ServiceKit

/// What Auth reads from the environment.
struct AuthConfiguration {
    let userURL: String
    let sessions: SessionPolicy
    let keys: KeyRing.Policy
    let mails: MailSettings

    init(_ reader: inout ConfigurationReader) {
        userURL = reader.url("USER_URL", default: "http://127.0.0.1:8101")
        sessions = SessionPolicy(
            idleSeconds: Int64(reader.integer("SESSION_IDLE_SECONDS", default: 30 * 86_400, in: 1...365 * 86_400)),
            absoluteSeconds: Int64(reader.integer("SESSION_MAX_SECONDS", default: 90 * 86_400, in: 1...365 * 86_400)),
            sessionsPerUser: reader.integer(
                "SESSIONS_PER_USER",
                default: SessionPolicy.maximumSessionsPerUser,
                in: 1...SessionPolicy.maximumSessionsPerUser
            )
        )
        keys = KeyRing.Policy(
            rotationSeconds: Int64(reader.integer("KEY_ROTATION_SECONDS", default: 30 * 86_400, in: 10...365 * 86_400)),
            leadSeconds: Int64(reader.integer("KEY_LEAD_SECONDS", default: 3600, in: 1...86_400))
        )
        mails = MailSettings(&reader)
    }
}
