extension HTTPField.Name {
    /// Some names, made once, to look up each field of a message in: most fields are ruled out by one bit.
    public struct Set: Sendable, ExpressibleByArrayLiteral {
        private let names: [HTTPField.Name]
        private let filter: UInt64

        /// A set of names.
        public init(_ names: [HTTPField.Name]) {
            self.names = names
            filter = names.reduce(0) { $0 | Self.bit($1.hash) }
        }

        /// A set of names.
        public init(arrayLiteral names: HTTPField.Name...) {
            self.init(names)
        }

        /// Whether a written name is one of these, without regard to case.
        func contains(_ written: Span<UInt8>, hash: UInt32) -> Bool {
            guard filter & Self.bit(hash) != 0 else { return false }
            for name in names where name.hash == hash && HTTPFields.equals(written, name) { return true }
            return false
        }

        private static func bit(_ hash: UInt32) -> UInt64 { 1 << UInt64(hash & 63) }
    }
}
