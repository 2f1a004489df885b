import CCrypt

/// A password hash that another program made, as accounts bring it from elsewhere; the next good log-in puts one of
/// ``PasswordHash`` in its place.
///
/// | scheme | text | known from |
/// |---|---|---|
/// | bcrypt | `$2a$`, `$2b$`, `$2y$` | nearly everywhere |
/// | scrypt | `$scrypt$ln=17,r=8,p=1$<salt>$<hash>` | PHC strings, passlib |
/// | scrypt | `$7$…` | crypt(5), libsodium |
/// | PBKDF2 | `$pbkdf2-sha256$i=600000[,l=32]$<salt>$<hash>`, `$pbkdf2-sha256$600000$…` | PHC strings, passlib |
/// | PBKDF2 | `pbkdf2_sha256$600000$<salt>$<hash>` | Django |
///
/// PBKDF2 with SHA-512 likewise. What would cost more than a log-in may take is no hash at all. Pure; any thread, for as long
/// as a second: not on an event loop.
struct ForeignPasswordHash {
    /// The binary logarithm of bcrypt's rounds: 14 takes one second.
    static let bcryptCosts = 4...14
    /// Bytes of a password that bcrypt looks at.
    static let bcryptLength = 72
    /// What scrypt may do, as N·r·p: twice what OWASP asks for.
    static let scryptWorkLimit = 1 << 21
    /// Rounds of PBKDF2 at most.
    static let roundLimit = 2_000_000
    /// Bytes that a hash has at least: shorter ones are met by chance.
    static let leastDigest = 16

    private enum Scheme {
        /// The whole text is what libcrypt makes of the right password; nil takes all bytes of a password.
        case crypt(length: Int?)
        case scrypt(KeyDerivation.ScryptCost)
        case pbkdf2(HashFunction, iterations: Int)
    }

    private let scheme: Scheme
    private let text: String
    private var salt: [UInt8] = []
    private var digest: [UInt8] = []

    /// Nil when the text is malformed, of another scheme, or asks for too much.
    init?(_ text: String) {
        guard text.utf8.count < PasswordHash.encodedLimit else { return nil }
        self.text = text
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count >= 4 else { return nil }
        switch parts[1] {
        case "2a", "2b", "2y":
            guard Self.isBcrypt(parts) else { return nil }
            scheme = .crypt(length: Self.bcryptLength)
        case "7":
            guard Self.isCryptScrypt(parts) else { return nil }
            scheme = .crypt(length: nil)
        default:
            guard let derived = Self.derived(parts) else { return nil }
            (scheme, salt, digest) = derived
            guard digest.count >= Self.leastDigest else { return nil }
        }
    }

    /// Whether the password is the one behind the hash.
    func matches(_ password: [UInt8]) -> Bool {
        // One that ends in NUL would be the same as one that does not: for libcrypt it ends there, and HMAC fills keys with them.
        guard !password.contains(0) else { return false }
        switch scheme {
        case .crypt(let length): return Self.crypt(length.map { Array(password.prefix($0)) } ?? password, text)
        case .scrypt(let cost):
            let found = try? KeyDerivation.scrypt(cost, password: password, salt: salt, length: digest.count)
            return found.map { constantTimeEqual($0, digest) } ?? false
        case .pbkdf2(let hash, let iterations):
            let found = try? KeyDerivation.pbkdf2(hash, password: password, salt: salt, iterations: iterations)
            // A shorter hash is the beginning of the whole one.
            return found.map { constantTimeEqual(Array($0.prefix(digest.count)), digest) } ?? false
        }
    }

    // MARK: libcrypt

    /// Digits of crypt(5).
    private static let digits = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// `$2b$12$`, 22 digits of salt and 31 of hash.
    private static func isBcrypt(_ parts: [Substring]) -> Bool {
        guard parts.count == 4, parts[0].isEmpty, parts[2].utf8.count == 2, let cost = Int(parts[2]) else {
            return false
        }
        return bcryptCosts.contains(cost) && parts[3].utf8.count == 53 && parts[3].utf8.allSatisfy(digits.contains)
    }

    /// `$7$`, a digit for log₂ N, five for r and five for p, the salt; `$`, 43 digits of hash.
    private static func isCryptScrypt(_ parts: [Substring]) -> Bool {
        guard parts.count == 4, parts[0].isEmpty, parts[3].utf8.count == 43 else { return false }
        let values = parts[2].utf8.compactMap(digits.firstIndex(of:))
        guard values.count == parts[2].utf8.count, values.count > 11, parts[3].utf8.allSatisfy(digits.contains) else {
            return false
        }
        let numbers = [values[1...5], values[6...10]].map { $0.reversed().reduce(0) { $0 << 6 | $1 } }
        return cost(log2: values[0], numbers[0], numbers[1]) != nil
    }

    private static func crypt(_ password: [UInt8], _ text: String) -> Bool {
        var work = [UInt8](repeating: 0, count: MemoryLayout<crypt_data>.size)
        let found = unsafe work.withUnsafeMutableBytes { work in
            let result = unsafe (password + [0]).withUnsafeBytes { phrase in
                unsafe crypt_rn(
                    phrase.baseAddress?.assumingMemoryBound(to: CChar.self),
                    text,
                    work.baseAddress,
                    Int32(work.count)
                )
            }
            return unsafe result.map { unsafe Array(String(cString: $0).utf8) } ?? []
        }
        return constantTimeEqual(found, Array(text.utf8))
    }

    // MARK: OpenSSL

    private static func derived(_ parts: [Substring]) -> (Scheme, salt: [UInt8], digest: [UInt8])? {
        // Django's salt is text.
        if let hash = ["pbkdf2_sha256": HashFunction.sha256, "pbkdf2_sha512": .sha512][parts[0]] {
            guard parts.count == 4, let rounds = rounds(parts[1]), let digest = Base64.decode(parts[3]),
                digest.count == hash.digestLength
            else { return nil }
            return (.pbkdf2(hash, iterations: rounds), Array(parts[2].utf8), digest)
        }
        guard parts.count == 5, parts[0].isEmpty, let salt = bytes(of: parts[3]), let digest = bytes(of: parts[4])
        else {
            return nil
        }
        if parts[1] == "scrypt" {
            guard let numbers = numbers(parts[2], named: ["ln", "r", "p"]), digest.count <= 64,
                let cost = cost(log2: numbers[0], numbers[1], numbers[2])
            else { return nil }
            return (.scrypt(cost), salt, digest)
        }
        guard let hash = ["pbkdf2-sha256": HashFunction.sha256, "pbkdf2-sha512": .sha512][parts[1]],
            digest.count <= hash.digestLength
        else { return nil }
        let named = numbers(parts[2], named: ["i"]) ?? numbers(parts[2], named: ["i", "l"])
        if let named, named.count == 2, named[1] != digest.count { return nil }
        guard let rounds = rounds(named.map { "\($0[0])" } ?? parts[2]) else { return nil }
        return (.pbkdf2(hash, iterations: rounds), salt, digest)
    }

    private static func rounds(_ text: some StringProtocol) -> Int? {
        Int(text).flatMap { (1...roundLimit).contains($0) ? $0 : nil }
    }

    /// Nil for what takes more memory or work than is good.
    private static func cost(log2: Int, _ blockSize: Int, _ parallelism: Int) -> KeyDerivation.ScryptCost? {
        guard (1...20).contains(log2), (1...1024).contains(blockSize), (1...1024).contains(parallelism) else {
            return nil
        }
        let cost = KeyDerivation.ScryptCost(cost: 1 << log2, blockSize: blockSize, parallelism: parallelism)
        guard cost.memory <= Int(PasswordHash.memoryLimit) << 10 else { return nil }
        return cost.cost * blockSize * parallelism <= scryptWorkLimit ? cost : nil
    }

    /// `a=1,b=2` under these names, in this order.
    private static func numbers(_ text: Substring, named names: [String]) -> [Int]? {
        let items = text.split(separator: ",", omittingEmptySubsequences: false)
        let values = zip(items, names).compactMap { item, name in
            item.hasPrefix(name + "=") ? Int(item.dropFirst(name.count + 1)) : nil
        }
        return items.count == names.count && values.count == names.count ? values : nil
    }

    /// Base64 without padding, where passlib writes `.` for `+`.
    private static func bytes(of text: Substring) -> [UInt8]? {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Base64.decode(text.replacing(".", with: "+") + padding)
    }
}
