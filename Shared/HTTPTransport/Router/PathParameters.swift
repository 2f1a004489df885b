/// What the parameters of a route's pattern are in a path: the places are known, the values are taken out when somebody asks.
public struct PathParameters: Sendable {
    enum Place: Sendable {
        case segment(name: String, Int)
        /// All from a segment on, under the name `*`.
        case rest(from: Int)
    }

    private let places: [Place]
    private let segments: [String]

    /// None.
    init() {
        self.init([], in: [])
    }

    init(_ places: [Place], in segments: [String]) {
        self.places = places
        self.segments = segments
    }

    /// The decoded segments by name; of two with one name, the first.
    public var values: [String: String] {
        var values: [String: String] = [:]
        for place in places.reversed() {
            switch place {
            case .segment(let name, let index): values[name] = segments[index]
            case .rest(let start): values["*"] = segments[start...].joined(separator: "/")
            }
        }
        return values
    }
}
