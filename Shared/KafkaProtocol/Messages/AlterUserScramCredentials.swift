/// The request of AlterUserScramCredentials (API key 51), version 0.
public struct AlterUserScramCredentialsRequest: Sendable, Equatable {
    /// `deletions` (every version).
    public var deletions: [ScramCredentialDeletion]
    /// `upsertions` (every version).
    public var upsertions: [ScramCredentialUpsertion]

    /// Every field has the protocol's default.
    public init(
        deletions: [ScramCredentialDeletion] = [],
        upsertions: [ScramCredentialUpsertion] = []
    ) {
        self.deletions = deletions
        self.upsertions = upsertions
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        deletions = try reader.array { (reader: inout WireReader) throws(WireError) in
            try ScramCredentialDeletion(from: &reader)
        }
        upsertions = try reader.array { (reader: inout WireReader) throws(WireError) in
            try ScramCredentialUpsertion(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(deletions) { writer, element in element.encode(to: &writer) }
        writer.array(upsertions) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `deletions`.
    public struct ScramCredentialDeletion: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `mechanism` (every version).
        public var mechanism: Int8

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            mechanism: Int8 = 0
        ) {
            self.name = name
            self.mechanism = mechanism
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            mechanism = try reader.int8()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            writer.int8(mechanism)
            writer.tags()
        }
    }

    /// An element of `upsertions`.
    public struct ScramCredentialUpsertion: Sendable, Equatable {
        /// `name` (every version).
        public var name: String
        /// `mechanism` (every version).
        public var mechanism: Int8
        /// `iterations` (every version).
        public var iterations: Int32
        /// `salt` (every version).
        public var salt: [UInt8]
        /// `saltedPassword` (every version).
        public var saltedPassword: [UInt8]

        /// Every field has the protocol's default.
        public init(
            name: String = "",
            mechanism: Int8 = 0,
            iterations: Int32 = 0,
            salt: [UInt8] = [],
            saltedPassword: [UInt8] = []
        ) {
            self.name = name
            self.mechanism = mechanism
            self.iterations = iterations
            self.salt = salt
            self.saltedPassword = saltedPassword
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            mechanism = try reader.int8()
            iterations = try reader.int32()
            salt = try reader.byteArray()
            saltedPassword = try reader.byteArray()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            writer.int8(mechanism)
            writer.int32(iterations)
            writer.byteArray(salt)
            writer.byteArray(saltedPassword)
            writer.tags()
        }
    }
}

/// The response of AlterUserScramCredentials (API key 51), version 0.
public struct AlterUserScramCredentialsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `results` (every version).
    public var results: [AlterUserScramCredentialsResult]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        results: [AlterUserScramCredentialsResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.results = results
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        results = try reader.array { (reader: inout WireReader) throws(WireError) in
            try AlterUserScramCredentialsResult(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.array(results) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `results`.
    public struct AlterUserScramCredentialsResult: Sendable, Equatable {
        /// `user` (every version).
        public var user: String
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `errorMessage` (every version).
        public var errorMessage: String?

        /// Every field has the protocol's default.
        public init(
            user: String = "",
            errorCode: Int16 = 0,
            errorMessage: String? = nil
        ) {
            self.user = user
            self.errorCode = errorCode
            self.errorMessage = errorMessage
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            user = try reader.string()
            errorCode = try reader.int16()
            errorMessage = try reader.nullableString()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(user)
            writer.int16(errorCode)
            writer.string(errorMessage)
            writer.tags()
        }
    }
}
