/// What the head of a part says (RFC 7578 section 4).
public struct MultipartPart: Sendable, Hashable {
    /// The field of the form, `name` of Content-Disposition.
    public var name: String
    /// What the sender calls the file; absent for a field of text. It may hold anything, path separators too.
    public var fileName: String?
    /// What the sender says the content is.
    public var contentType: String?

    /// Reads the head of a part; nil when it is no form's part.
    init?(head: ArraySlice<UInt8>) {
        guard let text = String(validating: head, as: UTF8.self) else { return nil }
        var disposition: Substring?
        for line in text.split(separator: "\r\n", omittingEmptySubsequences: true) {
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else { return nil }
            let name = line[..<colon]
            guard name.utf8.allSatisfy(ByteClass.isToken) else { return nil }
            let value = Self.trim(line[line.index(after: colon)...])
            switch name.lowercased() {
            case "content-disposition":
                guard disposition == nil else { return nil }
                disposition = value
            case "content-type": contentType = String(value)
            default: break  // RFC 7578 section 4.8: others are ignored.
            }
        }
        guard let disposition, let parameters = Self.parameters(of: disposition), let name = parameters["name"] else {
            return nil
        }
        self.name = name
        fileName = parameters["filename"]
    }

    /// The parameters of `form-data; name="a"; filename="b"`; nil when it is another disposition or malformed.
    private static func parameters(of disposition: Substring) -> [String: String]? {
        let kind = disposition.prefix { $0 != ";" }
        guard trim(kind).lowercased() == "form-data" else { return nil }
        var rest = disposition[kind.endIndex...]
        var found: [String: String] = [:]
        while rest.first == ";" {
            rest = trim(rest.dropFirst())
            if rest.isEmpty { break }
            guard let equals = rest.firstIndex(of: "=") else { return nil }
            let name = rest[..<equals].lowercased()
            guard !name.isEmpty, name.utf8.allSatisfy(ByteClass.isToken), found[name] == nil else { return nil }
            rest = rest[rest.index(after: equals)...]
            guard let value = rest.first == "\"" ? quoted(&rest) : token(&rest) else { return nil }
            found[name] = value
            rest = trim(rest)
        }
        return rest.isEmpty ? found : nil
    }

    /// A quoted string; browsers write quotes in it as `%22`, others as `\"`.
    private static func quoted(_ rest: inout Substring) -> String? {
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return value
            case "\\" where rest.first == "\"" || rest.first == "\\": value.append(rest.removeFirst())
            default: value.append(character)
            }
        }
        return nil
    }

    private static func token(_ rest: inout Substring) -> String? {
        let value = rest.prefix { $0 != ";" && $0 != " " && $0 != "\t" }
        rest = rest[value.endIndex...]
        return value.isEmpty ? nil : String(value)
    }

    private static func trim(_ text: Substring) -> Substring {
        var trimmed = text.drop { $0 == " " || $0 == "\t" }
        while let last = trimmed.last, last == " " || last == "\t" { trimmed.removeLast() }
        return trimmed
    }
}
