/// The CloudEvents type of one of several events that share a payload shape, such as `seat.locked` among the changes of a
/// seat. A caseless enum; the shape is generic over it, so each event stays a type of its own.
public protocol EventName: Sendable {
    /// The CloudEvents type.
    static var type: String { get }
}
