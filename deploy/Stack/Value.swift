import FoundationEssentials

/// A YAML value by way of JSON; scalars are texts, as they are before interpolation.
indirect enum Value: Equatable, Decodable {
    case scalar(String)
    case list([Value])
    case map([String: Value])

    static func parse(_ json: String) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(json.utf8))
        } catch {
            throw StackError.invalid("not a compose file: \(error)")
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .scalar("")
        } else if let map = try? container.decode([String: Value].self) {
            self = .map(map)
        } else if let list = try? container.decode([Value].self) {
            self = .list(list)
        } else if let text = try? container.decode(String.self) {
            self = .scalar(text)
        } else if let number = try? container.decode(Int.self) {
            self = .scalar(String(number))
        } else if let flag = try? container.decode(Bool.self) {
            self = .scalar(flag ? "true" : "false")
        } else {
            self = .scalar(String(try container.decode(Double.self)))
        }
    }

    func interpolated(by interpolation: Interpolation) throws -> Value {
        switch self {
        case .scalar(let text): .scalar(try interpolation.apply(to: text))
        case .list(let values): .list(try values.map { try $0.interpolated(by: interpolation) })
        case .map(let members): .map(try members.mapValues { try $0.interpolated(by: interpolation) })
        }
    }

    func members(_ place: String) throws -> [String: Value] {
        guard case .map(let members) = self else { throw StackError.invalid("\(place): expected a map") }
        return members
    }

    func text(_ place: String) throws -> String {
        guard case .scalar(let text) = self else { throw StackError.invalid("\(place): expected one value") }
        return text
    }

    func strings(_ place: String) throws -> [String] {
        guard case .list(let values) = self else { throw StackError.invalid("\(place): expected a list") }
        return try values.map { try $0.text(place) }
    }

    /// A length of time in milliseconds: `500ms`, `2s`, `1m30s`, `1h`.
    func milliseconds(_ place: String) throws -> Int {
        var rest = try text(place)[...]
        var total = 0
        let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
        while !rest.isEmpty {
            let digits = rest.prefix(while: \.isNumber)
            rest = rest[digits.endIndex...]
            guard let number = Int(digits), let unit = units.first(where: { rest.hasPrefix($0.0) }),
                number <= 1_000_000
            else { throw StackError.invalid("\(place): '\(try text(place))' is not a length of time") }
            total += number * unit.1
            rest = rest.dropFirst(unit.0.count)
        }
        return total
    }
}
