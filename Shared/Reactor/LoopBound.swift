/// A value that belongs to one event loop, carried by what may be anywhere.
///
/// What it is for: handing a loop's own, unsynchronised object to a `@Sendable` closure, another task of the same loop or
/// a thread that will bring it back. Why it is safe: the value is reached only on the loop's thread, which is checked at
/// every access, and one thread cannot race with itself. Misuse is a programming error and traps.
public struct LoopBound<Value>: @unchecked Sendable {
    /// The loop the value belongs to.
    public let loop: EventLoop
    private let content: Value

    /// Binds the value. On the loop.
    public init(_ value: Value, to loop: EventLoop) {
        precondition(loop.isCurrent, "bound outside of its event loop")
        self.loop = loop
        content = value
    }

    /// The value. On the loop.
    public var value: Value {
        precondition(loop.isCurrent, "used outside of its event loop")
        return content
    }
}

/// A variable with one value on each event loop, made when the loop first asks for it: a loop's pools and caches.
/// Create it once and keep it: each loop holds its value until the loop ends.
public struct LoopLocal<Value>: Sendable {
    private final class Slot {
        var value: Value

        init(_ value: Value) { self.value = value }
    }

    private let number: Int
    private let make: @Sendable (EventLoop) -> Value

    /// A variable whose first value on a loop is what `make` returns; called on that loop.
    public init(_ make: @escaping @Sendable (EventLoop) -> Value) {
        number = LoopLocalCounter.next()
        self.make = make
    }

    /// The loop's value. On the loop.
    public subscript(loop: EventLoop) -> Value {
        get { slot(loop).value }
        nonmutating set { slot(loop).value = newValue }
    }

    private func slot(_ loop: EventLoop) -> Slot {
        let state = loop.own
        if number >= state.locals.count {
            state.locals.append(contentsOf: repeatElement(nil, count: number + 1 - state.locals.count))
        }
        if let object = state.locals[number] {
            // Only this variable writes at its number, and it writes only slots of its type.
            return unsafe unsafeDowncast(object, to: Slot.self)
        }
        let slot = Slot(make(loop))
        state.locals[number] = slot
        return slot
    }
}
