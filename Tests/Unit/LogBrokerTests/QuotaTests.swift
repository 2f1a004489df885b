import KafkaProtocol
import Reactor
import Security
import System
import TestSupport
import Testing

@testable import LogBroker

struct QuotaTests {
    private let u = QuotaEntity.Part.named("u")
    private let c = QuotaEntity.Part.named("c")

    @Test func `the most special quota counts, a user's before a client id's`() {
        var table = QuotaTable()
        let order = [
            QuotaEntity(clientID: .byDefault), QuotaEntity(clientID: c), QuotaEntity(user: .byDefault),
            QuotaEntity(user: .byDefault, clientID: .byDefault), QuotaEntity(user: .byDefault, clientID: c),
            QuotaEntity(user: u), QuotaEntity(user: u, clientID: .byDefault), QuotaEntity(user: u, clientID: c),
        ]
        #expect(table.match(.produceRate, user: "u", clientID: "c") == nil)
        for (rate, entity) in order.enumerated() {
            table.limits[entity] = [.produceRate: Double(rate + 1)]
            #expect(table.match(.produceRate, user: "u", clientID: "c")?.rate == Double(rate + 1))
        }
        #expect(table.match(.fetchRate, user: "u", clientID: "c") == nil)
        #expect(
            table.match(.produceRate, user: "v", clientID: "d")?.sharers
                == QuotaEntity(user: .named("v"), clientID: .named("d"))
        )
    }

    @Test func `who uses more than comes in waits until it is paid`() {
        let second: UInt64 = 1_000_000_000
        var bucket = TokenBucket(rate: 100, now: second)
        #expect(bucket.take(100, rate: 100, now: second) == 0)
        #expect(bucket.take(50, rate: 100, now: second) == 0.5)
        #expect(bucket.take(0, rate: 100, now: second + second / 2) == 0)
        #expect(bucket.take(1000, rate: 100, now: 20 * second) == 9)
        #expect(!bucket.isIdle(28 * second) && bucket.take(0, rate: 100, now: 40 * second) == 0)
    }

    @Test func `settings that clients made are read back as they were written`() throws {
        var settings = DynamicSettings()
        settings.quotas.limits = [
            QuotaEntity(user: u, clientID: .byDefault): [.produceRate: 1.5, .requestPercentage: 20],
            QuotaEntity(address: .named("::1")): [.connectionRate: 3],
        ]
        let credential = try SCRAMCredential(mechanism: .sha512, password: "p")
        settings.credentials = ["someone": [.sha512: credential]]
        settings.configuration = ["broker:max.connections": "7"]
        #expect(try DynamicSettings(settings.encoded) == settings)
        for count in 0..<settings.encoded.count {
            #expect(throws: WireError.self) { try DynamicSettings(Array(settings.encoded.prefix(count))) }
        }
    }

    @Test func `a request waits for memory until another gives it back, or is refused`() async throws {
        let loops = try EventLoopGroup()
        let memory = RequestMemory(limit: 100_000)
        let loop = loops.loops[0]
        try await loop.run {
            var first = try await memory.reserve(90_000, on: loop, until: .never)
            #expect(try await memory.reserve(100, on: loop, until: .never) == nil)
            await #expect(throws: DeadlineExceeded.self) {
                try await memory.reserve(20_000, on: loop, until: .after(.milliseconds(5)))
            }
            async let second = memory.reserve(20_000, on: loop, until: .after(.seconds(10)))
            try await loop.yield()
            #expect(memory.used == 90_000 && first != nil)
            first = nil
            withExtendedLifetime(try await second) { #expect(memory.used == 20_000) }
        }
        #expect(memory.used == 0)
        loops.shutdown()
    }

    @Test func `connections are counted in all and by address`() {
        let limits = ConnectionLimits(total: 3, perAddress: 2)
        #expect(limits.admit("a") == nil && limits.admit("a") == nil && limits.admit("a") == .address)
        #expect(limits.admit("b") == nil && limits.admit("b") == .total)
        limits.release("a")
        #expect(limits.admit("b") == nil)
        limits.change(total: 10, perAddress: 1)
        #expect(limits.admit("c") == nil && limits.admit("a") == .address)
    }
}
