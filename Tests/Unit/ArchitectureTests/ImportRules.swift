import System
import TestSupport

/// Who may import whom: the list of ARCHITECTURE.md, checked against the sources.
enum ImportRules {
    /// Shared/ in layer order: a module imports only modules that stand before it.
    static let layers = [
        "System", "Telemetry", "Security", "Reactor", "HTTPCore", "HTTPTransport", "KafkaProtocol", "EventLog",
        "LogBroker", "Persistence", "EventBus", "Contracts", "Outbound", "BlobStore", "ServiceKit", "Mailing",
    ]

    /// The only folders that may import a C library.
    static let homes = [
        "CSQLite": ["Shared/Persistence"],
        "CRdKafka": ["Shared/EventBus"],
        "CCurl": ["Shared/Outbound"],
        "COpenSSL": ["Shared/Security"],
        "CArgon2": ["Shared/Security"],
        "CCrypt": ["Shared/Security"],
        "CZxcvbn": ["Shared/Security"],
        "CPlatform": ["Shared/System", "Shared/Reactor", "Shared/KafkaProtocol", "Shared/EventLog"],
        "CCompression": ["Shared/KafkaProtocol"],
        "CFyaml": ["deploy/Stack"],
        "CMagic": ["Services/Media"],
        "CCmark": ["Services/Comment"],
        "CQRencode": ["Services/Booking"],
        "CVips": ["Services/MediaWorker"],
        "Glibc": ["Shared/System", "Shared/Reactor", "Shared/EventLog"],
    ]

    /// Modules without any Foundation.
    static let withoutFoundation = [
        "System", "Telemetry", "Reactor", "HTTPCore", "KafkaProtocol", "EventLog", "LogBroker",
    ]

    /// Where `unsafe` may stand, besides the folders that wrap a C library.
    static let unsafeHomes = ["Shared/System", "Shared/Reactor", "Shared/EventLog"]

    /// What the files do that the rules forbid, one sentence each.
    static func violations(in files: [SourceFile]) -> [String] {
        let wrappers = Set(files.filter(wrapsLibrary).map { File.directory(of: $0.path) })
        return files.flatMap { file in
            let escapes = wrappers.contains(File.directory(of: file.path)) ? [] : escapes(in: file)
            return imports(of: file).compactMap { violation(of: file.path, importing: $0) } + escapes
        }
    }

    /// The names of the modules a file imports.
    static func imports(of file: SourceFile) -> [String] {
        file.lines.compactMap { line in
            let words = SourceFile.code(of: line).split(separator: " ").filter { !$0.hasPrefix("@") }
            guard let keyword = words.firstIndex(of: "import"), keyword <= 1, words.count > keyword + 1 else {
                return nil
            }
            if keyword == 1, !["public", "package", "internal", "fileprivate", "private"].contains(words[0]) {
                return nil
            }
            // `import struct Module.Name` names the module before the dot.
            return words.last?.split(separator: ".").first.map(String.init)
        }
    }

    private static func violation(of path: String, importing module: String) -> String? {
        let folder = path.split(separator: "/").prefix(2).joined(separator: "/")
        let isTest = path.hasPrefix("Tests/")
        if module == "Foundation" { return "\(path): all of Foundation; FoundationEssentials is enough" }
        if let allowed = homes[module], !isTest, !allowed.contains(folder) {
            return "\(path): \(module) belongs to \(allowed.joined(separator: ", "))"
        }
        if module.hasSuffix("Service"), !isTest { return "\(path): a service is imported by nobody, not \(module)" }
        guard path.hasPrefix("Shared/"), let own = path.split(separator: "/").dropFirst().first.map(String.init) else {
            return nil
        }
        if module == "FoundationEssentials", withoutFoundation.contains(own) {
            return "\(path): \(own) does without Foundation"
        }
        if let layer = layers.firstIndex(of: module) {
            guard let ownLayer = layers.firstIndex(of: own) else { return "\(path): \(own) is in no layer" }
            if layer >= ownLayer { return "\(path): \(module) is not below \(own)" }
        }
        return nil
    }

    private static func wrapsLibrary(_ file: SourceFile) -> Bool {
        imports(of: file).contains { homes[$0] != nil }
    }

    /// `unsafe`, `@unchecked Sendable` and continuations outside their homes.
    private static func escapes(in file: SourceFile) -> [String] {
        guard !file.path.hasPrefix("Tests/"), !unsafeHomes.contains(where: { file.path.hasPrefix($0 + "/") }) else {
            return []
        }
        return file.lines.enumerated().compactMap { number, line in
            let code = SourceFile.code(of: line)
            let place = "\(file.path):\(number + 1)"
            if code.split(whereSeparator: { !$0.isLetter && $0 != "_" }).contains("unsafe") {
                return "\(place): unsafe"
            }
            if code.contains("@unchecked Sendable") { return "\(place): @unchecked Sendable" }
            if code.contains("Continuation(") && code.contains("with") { return "\(place): a continuation" }
            return nil
        }
    }
}
