import Reactor
import Security
import System
import Testing

@testable import UserService

@Suite(.serialized) struct PasswordsTests {
    @Test func `an unknown account costs as much time as a wrong password`() async throws {
        let passwords = try Passwords(threads: 1)
        defer { passwords.shutdown() }
        let stored = try await passwords.hash("mot hai ba bon nam")
        // Each beside the other, since what else this machine does changes by the second; and the middle of many.
        var ratios: [Double] = []
        for _ in 0..<15 {
            let known = try await duration { try await passwords.verify("wrong", against: stored).isRight }
            let unknown = try await duration { try await passwords.verify("wrong", against: nil).isRight }
            ratios.append(Double(known) / Double(unknown))
        }
        let ratio = ratios.sorted()[ratios.count / 2]
        #expect((0.67...1.5).contains(ratio), "\(ratios)")
    }

    private func duration(_ check: () async throws -> Bool) async throws -> UInt64 {
        let start = MonotonicClock.nanoseconds
        #expect(try await !check())
        return MonotonicClock.nanoseconds - start
    }

    @Test func `what a flood of log-ins asks beyond the queue is refused at once and the rest is answered`()
        async throws
    {
        let passwords = try Passwords(threads: 1, parameters: PasswordHash(memory: 8192, iterations: 1, parallelism: 1))
        defer { passwords.shutdown() }
        let asked = Passwords.queueLimit * 2
        let refused = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<asked {
                group.addTask {
                    do {
                        _ = try await passwords.verify("x", against: nil)
                        return false
                    } catch {
                        return error is WorkerPool.Full
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(refused > 0 && refused < asked)
        #expect(try await passwords.verify("x", against: nil).isRight == false)
    }

    @Test func `common passwords are refused and phrases are taken`() {
        for common in [
            "passwordpassword", "123456789012345", "qwertyuiopqwerty", "iloveyouiloveyou", "aaaaaaaaaaaaaaaa",
        ] {
            #expect(Passwords.weakness(of: common, related: []) == .guessable, "\(common)")
        }
        let address = "linh.nguyen@example.org"
        #expect(Passwords.weakness(of: address, related: [address]) == .guessable)
        let related = ["linh.nguyen@example.org", "Linh Nguyễn", "Gia_Bao"]
        for named in ["linh.nguyen@example.org!Kx7", "Xq#8nguyengia_bao", "gia_baonguyenZt9w!X"] {
            #expect(Passwords.weakness(of: named, related: related) == .containsName, "\(named)")
        }
        for strong in ["mot hai ba bon nam", "tám con mèo đỏ ngủ", "Vq8#mZ2!xT4$kW9"] {
            #expect(Passwords.weakness(of: strong, related: ["linh@example.org"]) == nil, "\(strong)")
        }
    }

    @Test func `a password of fourteen characters is too short however strong, and one of fifteen will do`() {
        #expect(Passwords.weakness(of: "Vq8#mZ2!xT4$kW", related: []) == .tooShort)
        #expect(Passwords.weakness(of: "Vq8#mZ2!xT4$kW9", related: []) == nil)
        #expect(Passwords.weakness(of: "tám con mèo đỏ", related: []) == .tooShort)
    }
}
