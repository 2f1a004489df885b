import Contracts
import HTTPTransport
import Persistence
import System

/// A service's part in a backup of the stack, for whoever has the secret `backup` of the folder of secrets:
/// `POST /internal/backup {"directory":"/…"}` writes a copy of the service's file, as of one instant, to
/// `<directory>/<service>/<service>.sqlite`. Nothing of it leaves by HTTP.
public struct BackupRoute: Sendable {
    /// The path of the route.
    public static let path = "/internal/backup"
    /// The pair that the secret is of.
    public static let pair = "backup"

    /// What the service is asked.
    public struct Request: Codable, Sendable {
        /// An absolute path, a folder that exists.
        public var directory: String

        /// Asks for a copy in a folder.
        public init(directory: String) {
            self.directory = directory
        }
    }

    /// What the service answers.
    public struct Answer: Codable, Sendable {
        /// The copy, relative to the folder.
        public var file: String
    }

    let name: String
    let database: Database
    let secret: PairSecret

    func add(to router: inout Router) {
        router.post(Self.path, secret.only(copy))
    }

    private func copy(_ request: HTTPTransport.Request) async throws -> Response {
        let asked: Request = try await request.json()
        let directory = asked.directory
        guard directory.hasPrefix("/"), !directory.split(separator: "/").contains(".."), File.exists(directory) else {
            throw Problem.invalid("/directory", "not the absolute path of a folder that exists")
        }
        let file = "\(name)/\(name).sqlite"
        try File.createDirectory("\(directory)/\(name)")
        guard !File.exists("\(directory)/\(file)") else { throw Problem(.conflict, "there is a copy already") }
        try await database.backup(to: "\(directory)/\(file)")
        return try .json(Answer(file: file))
    }
}
