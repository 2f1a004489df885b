public import System

/// Why a connection could not go on.
public enum ConnectionError: Error, Sendable, Equatable {
    /// The deadline came first.
    case timedOut
    /// It was idle and its listener is being drained.
    case draining
    /// It was closed on this side.
    case closed
    /// The listener or the name resolver could not give what was asked for.
    case unknownHost(String)
    /// The system call failed: the peer reset it, refused it, or is out of reach.
    case failed(SystemError)
}
