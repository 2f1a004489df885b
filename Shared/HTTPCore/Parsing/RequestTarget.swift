/// The target of a request line in its four forms (RFC 9112 section 3.2).
struct RequestTarget {
    var scheme: String?
    var authority: String?
    var path: String

    static func parse(_ target: Span<UInt8>, method: HTTPRequest.Method) throws(HTTPParseError) -> RequestTarget {
        guard !target.isEmpty else { throw .malformedRequestLine }
        for index in target.indices where !ByteClass.isTarget(target[index]) { throw .invalidTarget }
        if method == .connect {
            guard Authority.isValid(target), Authority.portRange(target) != nil else { throw .invalidTarget }
            return RequestTarget(authority: String(target), path: "")
        }
        if target[0] == .slash { return RequestTarget(path: String(target)) }
        guard target.count == 1, target[0] == 0x2A else { return try absoluteForm(target) }
        guard method == .options else { throw .invalidTarget }
        return RequestTarget(path: "*")
    }

    private static func absoluteForm(_ target: Span<UInt8>) throws(HTTPParseError) -> RequestTarget {
        guard let colon = target.firstIndex(of: .colon), target.count > colon + 3, target[colon + 1] == .slash,
            target[colon + 2] == .slash
        else { throw .invalidTarget }
        let scheme = target.extracting(0..<colon)
        guard scheme.equalsIgnoringCase("http") || scheme.equalsIgnoringCase("https") else { throw .invalidTarget }
        var end = colon + 3
        while end < target.count, target[end] != .slash, target[end] != 0x3F { end += 1 }
        let authority = target.extracting(colon + 3..<end)
        guard Authority.isValid(authority) else { throw .invalidTarget }
        let rest = String(target.extracting(end..<target.count))
        return RequestTarget(
            scheme: String(scheme).lowercased(),
            authority: String(authority),
            path: rest.hasPrefix("/") ? rest : "/" + rest
        )
    }
}

/// `host[:port]` as in Host and absolute targets: RFC 3986 section 3.2 without user information.
enum Authority {
    static func isValid(_ authority: Span<UInt8>) -> Bool {
        var hostEnd = authority.count
        if let port = portRange(authority) {
            hostEnd = port.lowerBound - 1
            var number = 0
            guard port.count <= 5 else { return false }
            for index in port {
                guard ByteClass.isDigit(authority[index]) else { return false }
                number = number * 10 + Int(authority[index] - 0x30)
            }
            guard number <= 65_535 else { return false }
        }
        let host = authority.extracting(0..<hostEnd)
        guard !host.isEmpty else { return false }
        return host[0] == 0x5B ? isAddressLiteral(host) : isRegisteredName(host)
    }

    /// Where the port stands: behind the last colon outside brackets.
    static func portRange(_ authority: Span<UInt8>) -> Range<Int>? {
        var index = authority.count - 1
        while index >= 0 {
            if authority[index] == .colon { return index + 1..<authority.count }
            if authority[index] == 0x5D { return nil }
            index -= 1
        }
        return nil
    }

    /// Compares two valid authorities: without regard to case and to the scheme's default port.
    static func areEqual(_ left: String, _ right: String, scheme: String) -> Bool {
        func normal(_ authority: String) -> Substring {
            let text = authority.lowercased()[...]
            let suffix = scheme == "https" ? ":443" : ":80"
            return text.hasSuffix(suffix) ? text.dropLast(suffix.count) : text
        }
        return normal(left) == normal(right)
    }

    private static func isRegisteredName(_ host: Span<UInt8>) -> Bool {
        for index in host.indices where !ByteClass.isHost(host[index]) { return false }
        return true
    }

    /// `[…]` with what an IPv6 address is made of.
    private static func isAddressLiteral(_ host: Span<UInt8>) -> Bool {
        guard host.count >= 4, host[host.count - 1] == 0x5D else { return false }
        var colons = 0
        for index in 1..<host.count - 1 {
            if host[index] == .colon { colons += 1 }
            guard host[index] == .colon || host[index] == 0x2E || ByteClass.hexValue(host[index]) != nil else {
                return false
            }
        }
        return colons >= 2
    }
}
