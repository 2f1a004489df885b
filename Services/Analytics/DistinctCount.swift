import System

/// How many different things were noted. Exact up to ``exactLimit``; then a HyperLogLog of 4,096 registers, whose standard
/// error is 1.6 %, told by Ertl's estimator (arXiv:1702.01284, algorithm 6), which has no bias at any size. What it holds
/// depends on the set alone, not on order or repetition.
struct DistinctCount: Sendable, Equatable {
    /// So many are counted exactly.
    static let exactLimit = 512
    private static let precision: UInt64 = 12
    private static let registers = 1 << 12

    private enum Form: Equatable, Sendable {
        case hashes(Set<UInt64>)
        case registers([UInt8])
    }

    private var form = Form.hashes([])

    /// Of nothing.
    init() {}

    /// Notes an id.
    mutating func note(_ id: Identifier) { note(hash: Self.hash(id)) }

    /// Notes what has this hash.
    mutating func note(hash: UInt64) {
        switch form {
        case .hashes(var hashes):
            form = .hashes([])
            hashes.insert(hash)
            form = hashes.count <= Self.exactLimit ? .hashes(hashes) : .registers(Self.registers(of: hashes))
        case .registers(var registers):
            form = .hashes([])
            Self.note(hash, in: &registers)
            form = .registers(registers)
        }
    }

    /// Adds what another one has noted.
    mutating func add(_ other: DistinctCount) {
        switch (form, other.form) {
        case (_, .hashes(let hashes)):
            for hash in hashes { note(hash: hash) }
        case (.hashes(let hashes), .registers(var registers)):
            for hash in hashes { Self.note(hash, in: &registers) }
            form = .registers(registers)
        case (.registers(let mine), .registers(let others)):
            form = .registers(zip(mine, others).map { max($0, $1) })
        }
    }

    /// With what another one has noted.
    consuming func adding(_ other: DistinctCount) -> DistinctCount {
        add(other)
        return self
    }

    /// The number.
    var count: Int64 {
        switch form {
        case .hashes(let hashes): Int64(hashes.count)
        case .registers(let registers): Int64(Self.estimate(registers).rounded())
        }
    }

    /// Version 7 and 8 ids are not evenly spread; their mixed halves are.
    static func hash(_ id: Identifier) -> UInt64 {
        let bytes = id.bytes
        let high = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let low = bytes[8...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return SplitMix64.mix(SplitMix64.mix(high) ^ low)
    }

    private static func registers(of hashes: Set<UInt64>) -> [UInt8] {
        var registers = [UInt8](repeating: 0, count: registers)
        for hash in hashes { note(hash, in: &registers) }
        return registers
    }

    private static func note(_ hash: UInt64, in registers: inout [UInt8]) {
        let index = Int(hash >> (64 - precision))
        let rank = UInt8(min((hash << precision).leadingZeroBitCount, Int(64 - precision)) + 1)
        registers[index] = max(registers[index], rank)
    }

    private static func estimate(_ registers: [UInt8]) -> Double {
        let highest = Int(64 - precision)
        var numbers = [Double](repeating: 0, count: highest + 2)
        for register in registers { numbers[min(Int(register), highest + 1)] += 1 }
        let size = Double(Self.registers)
        var sum = size * tau(1 - numbers[highest + 1] / size)
        for rank in stride(from: highest, through: 1, by: -1) { sum = 0.5 * (sum + numbers[rank]) }
        sum += size * sigma(numbers[0] / size)
        return size * size / (2 * 0.693147180559945309) / sum
    }

    private static func sigma(_ share: Double) -> Double {
        guard share < 1 else { return .infinity }
        var (power, weight, sum, last) = (share, 1.0, share, -1.0)
        while sum != last {
            last = sum
            power *= power
            sum += power * weight
            weight += weight
        }
        return sum
    }

    private static func tau(_ share: Double) -> Double {
        guard share > 0, share < 1 else { return 0 }
        var (root, weight, sum, last) = (share, 1.0, 1 - share, -1.0)
        while sum != last {
            last = sum
            root = root.squareRoot()
            weight *= 0.5
            sum -= (1 - root) * (1 - root) * weight
        }
        return sum / 3
    }
}

extension DistinctCount {
    /// Reads `bytes`; nil when they are damaged.
    init?(bytes: [UInt8]) {
        switch bytes.first {
        case 0 where (bytes.count - 1) % 8 == 0:
            var hashes: Set<UInt64> = []
            for start in stride(from: 1, to: bytes.count, by: 8) {
                hashes.insert(bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) })
            }
            form = .hashes(hashes)
        case 1 where bytes.count == Self.registers + 1: form = .registers(Array(bytes.dropFirst()))
        default: return nil
        }
    }

    /// A zero and the hashes in order, eight bytes each, or a one and the registers.
    var bytes: [UInt8] {
        switch form {
        case .registers(let registers): return [1] + registers
        case .hashes(let hashes):
            var bytes: [UInt8] = [0]
            bytes.reserveCapacity(1 + 8 * hashes.count)
            for hash in hashes.sorted() {
                for shift in stride(from: UInt64(56), through: 0, by: -8) {
                    bytes.append(UInt8(truncatingIfNeeded: hash >> shift))
                    if shift == 0 { break }
                }
            }
            return bytes
        }
    }
}
