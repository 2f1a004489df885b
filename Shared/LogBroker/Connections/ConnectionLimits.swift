import Synchronization

/// Counts connections, in all and by address, and says which one is too many. Any thread.
final class ConnectionLimits: Sendable {
    /// Why a connection is closed before its first request; raw values label the counter.
    enum Refusal: String, CaseIterable {
        case total
        case address
        case rate
    }

    private struct State {
        var total: Int
        var perAddress: Int
        var count = 0
        var byAddress: [String: Int] = [:]
    }

    private let state: Mutex<State>

    init(total: Int, perAddress: Int) {
        state = Mutex(State(total: total, perAddress: perAddress))
    }

    /// Changes the limits; connections that are open stay.
    func change(total: Int, perAddress: Int) {
        state.withLock { ($0.total, $0.perAddress) = (total, perAddress) }
    }

    /// Counts a connection, to be given back by `release`, or says why there is no place for it.
    func admit(_ address: String) -> Refusal? {
        state.withLock { state in
            guard state.count < state.total else { return .total }
            guard state.byAddress[address, default: 0] < state.perAddress else { return .address }
            state.count += 1
            state.byAddress[address, default: 0] += 1
            return nil
        }
    }

    func release(_ address: String) {
        state.withLock { state in
            state.count -= 1
            let left = state.byAddress[address, default: 1] - 1
            state.byAddress[address] = left > 0 ? left : nil
        }
    }
}
