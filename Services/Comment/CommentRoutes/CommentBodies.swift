import Contracts
import EventBus
import FoundationEssentials
import ServiceKit
import System

/// `POST /v1/media/{id}/comments`.
struct NewComment: FlatBody, Sendable {
    let body: String
    let parentID: Identifier?

    init?(flat object: FlatJSONReader) {
        guard let body = object.text("body") else { return nil }
        if object.isAbsent("parent_id") {
            guard object.count == 1 else { return nil }
            parentID = nil
        } else {
            guard object.count == 2, let parent = object.id("parent_id") else { return nil }
            parentID = parent
        }
        self.body = body
    }

    enum CodingKeys: String, CodingKey {
        case parentID = "parent_id"
        case body
    }
}

/// `PATCH /v1/comments/{id}`: JSON merge patch with the one member that an author may change.
struct CommentPatch: Decodable, Sendable {
    let body: String
}

/// `POST /v1/comments/{id}/reports`.
struct NewReport: Decodable, Sendable {
    let reason: ReportReason
    let note: String?

    func check() throws(Problem) {
        try Reason.check(note, "/note")
    }
}

/// `PUT /v1/admin/comments/{id}/state`.
struct StateChange: Decodable, Sendable {
    let state: String
    let reason: String?

    /// What a moderator may decide.
    func decision() throws(Problem) -> Comment.State {
        try Reason.check(reason, "/reason")
        switch state {
        case "visible": return .visible
        case "hidden": return .hidden
        default: throw .invalid("/state", "visible or hidden")
        }
    }
}

/// `PUT /v1/admin/media/{id}/comments/slow-mode`.
struct SlowMode: Decodable, Sendable {
    let seconds: Int

    func check() throws(Problem) {
        guard (1...CommentRules.maximumSlowSeconds).contains(seconds) else {
            throw .invalid("/seconds", "1 to \(CommentRules.maximumSlowSeconds)")
        }
    }
}

/// `PUT /v1/admin/users/{id}/comment-block`: without `until` it lasts for good.
struct CommentBlock: Decodable, Sendable {
    let until: Timestamp?
    let reason: String?

    func check(at now: Timestamp) throws(Problem) {
        try Reason.check(reason, "/reason")
        guard let until else { return }
        guard until > now else { throw .invalid("/until", "an instant to come") }
    }
}

/// What people say of why.
enum Reason {
    static func check(_ text: String?, _ pointer: String) throws(Problem) {
        guard (text ?? "").unicodeScalars.count <= CommentRules.maximumReasonLength else {
            throw .invalid(pointer, "at most \(CommentRules.maximumReasonLength) characters", code: "too_long")
        }
    }
}

/// A text that came in a body, cleaned and rendered.
struct PreparedText: Sendable {
    let text: CommentText
    let rendered: RenderedText

    /// Throws 422 about `/body`.
    init(_ raw: String, rules: CommentRules) throws(Problem) {
        do throws(CommentText.Failure) {
            text = try CommentText(raw)
        } catch {
            throw Self.problem(for: error)
        }
        guard !rules.restricts(text) else {
            throw .invalid("/body", "it has a word that is not wanted here", code: "restricted_word")
        }
        do throws(RenderedText.Failure) {
            rendered = try RenderedText(text)
        } catch {
            throw Self.problem(for: error)
        }
    }

    private static func problem(for failure: CommentText.Failure) -> Problem {
        switch failure {
        case .empty: .invalid("/body", "there is nothing to be seen", code: "required")
        case .tooLong:
            .invalid(
                "/body",
                "at most \(CommentText.maximumCharacters) characters and \(CommentText.maximumBytes) bytes",
                code: "too_long"
            )
        }
    }

    private static func problem(for failure: RenderedText.Failure) -> Problem {
        switch failure {
        case .empty: .invalid("/body", "there is nothing to be seen", code: "required")
        case .tooLong: .invalid("/body", "it becomes too long as HTML", code: "too_long")
        case .tooDeep:
            .invalid("/body", "at most \(RenderedText.maximumNesting) elements in each other", code: "too_deep")
        }
    }
}
