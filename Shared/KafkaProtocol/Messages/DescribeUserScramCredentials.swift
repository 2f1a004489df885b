/// The request of DescribeUserScramCredentials (API key 50), version 0.
public struct DescribeUserScramCredentialsRequest: Sendable, Equatable {
    /// `users` (every version).
    public var users: [UserName]?

    /// Every field has the protocol's default.
    public init(
        users: [UserName]? = nil
    ) {
        self.users = users
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        users = try reader.nullableArray { (reader: inout WireReader) throws(WireError) in try UserName(from: &reader) }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.array(users) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `users`.
    public struct UserName: Sendable, Equatable {
        /// `name` (every version).
        public var name: String

        /// Every field has the protocol's default.
        public init(
            name: String = ""
        ) {
            self.name = name
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            name = try reader.string()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(name)
            writer.tags()
        }
    }
}

/// The response of DescribeUserScramCredentials (API key 50), version 0.
public struct DescribeUserScramCredentialsResponse: Sendable, Equatable {
    /// `throttleTimeMs` (every version).
    public var throttleTimeMs: Int32
    /// `errorCode` (every version).
    public var errorCode: Int16
    /// `errorMessage` (every version).
    public var errorMessage: String?
    /// `results` (every version).
    public var results: [DescribeUserScramCredentialsResult]

    /// Every field has the protocol's default.
    public init(
        throttleTimeMs: Int32 = 0,
        errorCode: Int16 = 0,
        errorMessage: String? = nil,
        results: [DescribeUserScramCredentialsResult] = []
    ) {
        self.throttleTimeMs = throttleTimeMs
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.results = results
    }

    /// Decodes the body in the reader's version.
    public init(from reader: inout WireReader) throws(WireError) {
        self.init()
        throttleTimeMs = try reader.int32()
        errorCode = try reader.int16()
        errorMessage = try reader.nullableString()
        results = try reader.array { (reader: inout WireReader) throws(WireError) in
            try DescribeUserScramCredentialsResult(from: &reader)
        }
        try reader.skipTags()
    }

    /// Encodes the body in the writer's version.
    public func encode(to writer: inout WireWriter) {
        writer.int32(throttleTimeMs)
        writer.int16(errorCode)
        writer.string(errorMessage)
        writer.array(results) { writer, element in element.encode(to: &writer) }
        writer.tags()
    }

    /// An element of `results`.
    public struct DescribeUserScramCredentialsResult: Sendable, Equatable {
        /// `user` (every version).
        public var user: String
        /// `errorCode` (every version).
        public var errorCode: Int16
        /// `errorMessage` (every version).
        public var errorMessage: String?
        /// `credentialInfos` (every version).
        public var credentialInfos: [CredentialInfo]

        /// Every field has the protocol's default.
        public init(
            user: String = "",
            errorCode: Int16 = 0,
            errorMessage: String? = nil,
            credentialInfos: [CredentialInfo] = []
        ) {
            self.user = user
            self.errorCode = errorCode
            self.errorMessage = errorMessage
            self.credentialInfos = credentialInfos
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            user = try reader.string()
            errorCode = try reader.int16()
            errorMessage = try reader.nullableString()
            credentialInfos = try reader.array { (reader: inout WireReader) throws(WireError) in
                try CredentialInfo(from: &reader)
            }
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.string(user)
            writer.int16(errorCode)
            writer.string(errorMessage)
            writer.array(credentialInfos) { writer, element in element.encode(to: &writer) }
            writer.tags()
        }
    }

    /// An element of `credentialInfos`.
    public struct CredentialInfo: Sendable, Equatable {
        /// `mechanism` (every version).
        public var mechanism: Int8
        /// `iterations` (every version).
        public var iterations: Int32

        /// Every field has the protocol's default.
        public init(
            mechanism: Int8 = 0,
            iterations: Int32 = 0
        ) {
            self.mechanism = mechanism
            self.iterations = iterations
        }

        /// Decodes the body in the reader's version.
        public init(from reader: inout WireReader) throws(WireError) {
            self.init()
            mechanism = try reader.int8()
            iterations = try reader.int32()
            try reader.skipTags()
        }

        /// Encodes the body in the writer's version.
        public func encode(to writer: inout WireWriter) {
            writer.int8(mechanism)
            writer.int32(iterations)
            writer.tags()
        }
    }
}
