import FoundationEssentials
import System

/// Values made at the first start and kept with mode 0600: passwords between the processes of the stack, and the
/// administrator's account.
enum Secrets {
    /// Reads the kept values and adds those of `names` that are missing; the result holds the administrator's account
    /// as
    /// `MARQUEE_ADMIN_EMAIL` and `MARQUEE_ADMIN_PASSWORD` too.
    static func ensure(_ names: [String], in workspace: Workspace) throws -> [String: String] {
        var kept: [String: String] = try read(workspace.secretsPath) ?? [:]
        let missing = names.filter { kept[$0] == nil }
        if !missing.isEmpty {
            for name in missing { kept[name] = random() }
            try write(kept, to: workspace.secretsPath)
        }
        let admin: Admin
        if let existing: Admin = try read(workspace.adminPath) {
            admin = existing
        } else {
            admin = Admin(email: "admin@marquee.local", password: random())
            try write(admin, to: workspace.adminPath)
        }
        return kept.merging(["MARQUEE_ADMIN_EMAIL": admin.email, "MARQUEE_ADMIN_PASSWORD": admin.password]) { $1 }
    }

    private struct Admin: Codable {
        let email: String
        let password: String
    }

    /// 160 random bits in characters that need no quoting anywhere.
    private static func random() -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
        var generator = SystemRandomNumberGenerator()
        return String((0..<32).map { _ in alphabet[Int(generator.next(upperBound: UInt32(alphabet.count)))] })
    }

    private static func read<T: Decodable>(_ path: String) throws -> T? {
        guard File.exists(path) else { return nil }
        do {
            return try JSONDecoder().decode(T.self, from: Data(try File.read(path)))
        } catch is DecodingError {
            throw StackError.refused("\(path) cannot be read; mend or remove it")
        }
    }

    private static func write(_ value: some Encodable, to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try File.replace(path, with: Array(try encoder.encode(value)), mode: 0o600)
    }
}
