import System
import TestSupport
import Testing

@Suite struct ArchitectureTests {
    @Test func `the sources keep to the layers`() throws {
        let files = try SourceFile.all(below: ["Shared", "Services", "deploy", "Tests"], suffixes: [".swift"])
        #expect(files.count > 50)
        let violations = ImportRules.violations(in: files)
        #expect(violations.isEmpty, "\(violations.joined(separator: "\n"))")
    }

    @Test func `every C library has a home`() throws {
        let maps = try SourceFile.all(below: ["Shared/C"], suffixes: ["module.modulemap"])
        let names = maps.compactMap { $0.path.split(separator: "/").dropFirst(2).first.map(String.init) }
        #expect(!names.isEmpty)
        #expect(names.filter { ImportRules.homes[$0] == nil } == [])
    }

    @Test(arguments: [
        ("Services/Like/LikeStore.swift", "import CSQLite", "CSQLite"),
        ("Shared/Telemetry/Logger.swift", "internal import Glibc", "Glibc"),
        ("Shared/System/File.swift", "import Telemetry", "Telemetry is not below System"),
        ("Shared/KafkaProtocol/Record.swift", "import FoundationEssentials", "without Foundation"),
        ("Services/Auth/Auth.swift", "import Foundation", "all of Foundation"),
        ("Tests/Unit/X/X.swift", "import Foundation", "all of Foundation"),
        ("Services/Auth/Auth.swift", "import UserService", "UserService"),
        ("Shared/New/New.swift", "public import System", "in no layer"),
        ("Shared/Reactor/Loop.swift", "import struct HTTPCore.HTTPFields", "HTTPCore"),
        ("Services/Auth/Auth.swift", "let a = unsafe pointer.pointee", "unsafe"),
        ("Shared/ServiceKit/A.swift", "final class A: @unchecked Sendable {}", "@unchecked"),
        ("Shared/ServiceKit/A.swift", "await withCheckedContinuation({ _ in })", "continuation"),
    ])
    func `a breach is found and named`(path: String, line: String, word: String) {
        let violations = ImportRules.violations(in: [SourceFile(path: path, text: line)])
        #expect(violations.count == 1)
        #expect(violations.first?.contains(word) == true, "\(violations)")
    }

    @Test(arguments: [
        ("Shared/Persistence/Database.swift", "internal import CSQLite\nunsafe sqlite3_close(handle)"),
        ("Shared/Reactor/EventLoop.swift", "import Glibc\nimport System"),
        ("Services/Auth/Auth.swift", "public import FoundationEssentials\n// import Foundation is not allowed"),
        ("Tests/Unit/AuthTests/AuthTests.swift", "@testable import AuthService"),
        ("Services/Auth/Auth.swift", "let isUnsafe = important import"),
    ])
    func `what is allowed passes`(path: String, text: String) {
        #expect(ImportRules.violations(in: [SourceFile(path: path, text: text)]) == [])
    }
}
