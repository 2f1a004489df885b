import Reactor

extension Connection {
    /// Bytes the peer must take within one timeout: a slow reader is served, at no less than this over the timeout.
    static let sendingUnit = 256 << 10

    /// Writes all slices; the timeout begins anew with every `sendingUnit` of them.
    func send(_ slices: [ArraySlice<UInt8>], timeout: Duration) async throws {
        var unit: [ArraySlice<UInt8>] = []
        var size = 0
        for slice in slices {
            var rest = slice
            while !rest.isEmpty {
                let part = rest.prefix(Self.sendingUnit - size)
                rest = rest.dropFirst(part.count)
                unit.append(part)
                size += part.count
                guard size == Self.sendingUnit else { continue }
                try await write(unit, until: loop.deadline(after: timeout))
                unit.removeAll(keepingCapacity: true)
                size = 0
            }
        }
        if size > 0 { try await write(unit, until: loop.deadline(after: timeout)) }
    }
}
