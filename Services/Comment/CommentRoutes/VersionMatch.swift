import Contracts
import HTTPCore
import HTTPTransport
import ServiceKit

/// The versions of a comment that `If-Match` names. A comment's tag is `<version>-<likes>-<replies>`: a change of the counts
/// is another representation to read, and none to write.
struct VersionMatch: Sendable, Equatable {
    private let versions: Set<Substring>

    /// Nil without the field.
    init?(_ request: Request) {
        guard request.headerFields.contains(.ifMatch) else { return nil }
        versions = Set(
            request.headerFields.listMembers(of: .ifMatch).map { member in
                let tag = Substring(member)
                guard tag.hasPrefix("\"") else { return tag }
                return tag.dropFirst().prefix { $0 != "-" && $0 != "\"" }
            }
        )
    }

    /// Names these versions.
    init(versions: Set<Substring>) {
        self.versions = versions
    }

    /// Throws 412 unless the version is named.
    func check(_ version: Int) throws(Problem) {
        guard versions.contains("*") || versions.contains("\(version)") else { throw Problem(.preconditionFailed) }
    }

    /// The tag of a comment.
    static func tag(of comment: Comment) -> EntityTag {
        EntityTag("\(comment.version)-\(comment.likes)-\(comment.replies)")
    }
}
