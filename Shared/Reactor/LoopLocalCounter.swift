import Synchronization

/// Numbers the loop-local variables of the process.
enum LoopLocalCounter {
    private static let last = Atomic(-1)

    static func next() -> Int {
        last.wrappingAdd(1, ordering: .relaxed).newValue
    }
}
