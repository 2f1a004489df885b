/// What the runner refuses, in words for the person at the terminal.
enum StackError: Error, Equatable, CustomStringConvertible {
    /// The compose file says something that is wrong or that this runner does not know.
    case invalid(String)
    /// The command cannot be carried out now.
    case refused(String)

    var description: String {
        switch self {
        case .invalid(let reason), .refused(let reason): reason
        }
    }
}
