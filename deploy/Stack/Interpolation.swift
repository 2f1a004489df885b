/// Variables in a compose file: `$A`, `${A}`, `${A:-b}` and `${A-b}` (default when unset; with the colon also when
/// empty), `${A:?reason}` and `${A?reason}` (refusal), `$$` for a dollar. Defaults may hold variables themselves.
/// Source: Compose specification, "Interpolation".
struct Interpolation {
    let variables: [String: String]

    /// The text with every variable replaced; unset ones become nothing, as in Compose.
    func apply(to text: String) throws -> String {
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                result += "$"
                rest = rest.dropFirst()
            } else if rest.first == "{" {
                let body = try takeBraces(&rest)
                result += try expand(body)
            } else {
                let name = rest.prefix(while: Self.isNameCharacter)
                guard !name.isEmpty else { throw StackError.invalid("a lone $ in '\(text)'; write $$") }
                result += variables[String(name)] ?? ""
                rest = rest[name.endIndex...]
            }
        }
        return result + rest
    }

    /// The text between the brace the rest starts with and the one that closes it.
    private func takeBraces(_ rest: inout Substring) throws -> Substring {
        var depth = 0
        for index in rest.indices {
            if rest[index] == "{" { depth += 1 }
            if rest[index] == "}" { depth -= 1 }
            if depth == 0 {
                let body = rest[rest.index(after: rest.startIndex)..<index]
                rest = rest[rest.index(after: index)...]
                return body
            }
        }
        throw StackError.invalid("a brace is not closed in '$\(rest)'")
    }

    private func expand(_ body: Substring) throws -> String {
        let name = body.prefix(while: Self.isNameCharacter)
        var operation = body[name.endIndex...]
        guard !name.isEmpty else { throw StackError.invalid("no variable name in '${\(body)}'") }
        var value = variables[String(name)]
        if operation.first == ":" {
            operation = operation.dropFirst()
            if value == "" { value = nil }
        }
        let word = String(operation.dropFirst())
        switch operation.first {
        case nil: return value ?? ""
        case "-": return try value ?? apply(to: word)
        case "?":
            guard let value else { throw StackError.invalid("\(name) is not set: \(word)") }
            return value
        default: throw StackError.invalid("'${\(body)}' is not understood")
        }
    }

    private static func isNameCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == "_")
    }
}
