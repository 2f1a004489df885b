import System
import TestSupport
import Testing

/// A YAML file: one of the API descriptions of Contracts, or what they are compared with.
struct Specification {
    let root: JSON

    /// Reads `openapi.yaml` or `asyncapi.yaml` of Contracts, or another YAML file by its path in the repository.
    init(_ name: String) async throws {
        let program = "import json, sys, yaml; print(json.dumps(yaml.load(open(sys.argv[1]), yaml.CSafeLoader)))"
        let read = try await Command.python(program, [Self.path(of: name)])
        try #require(read.status.isSuccess, "\(read.output)")
        root = try JSON(parsing: read.output)
    }

    static func path(of name: String) -> String {
        name.contains("/") ? "\(SourceFile.repository)/\(name)" : "\(SourceFile.repository)/Shared/Contracts/\(name)"
    }

    /// The value itself, or what its `$ref` points at (RFC 6901 without escapes).
    func resolve(_ value: JSON) -> JSON {
        guard let reference = value["$ref"].string else { return value }
        return reference.split(separator: "/").dropFirst().reduce(root) { $0[String($1)] }
    }
}

extension JSON {
    /// The members of an object; empty for anything but one.
    var members: [String: JSON] { if case .object(let members) = self { members } else { [:] } }
}
