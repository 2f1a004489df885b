import System

/// An authority of a test's own, with a server's certificate for 127.0.0.1 and a client's for `CN=billing,O=Example`, made
/// by `openssl`. The files go with the object.
public final class TestCertificates: Sendable {
    private let directory: TemporaryDirectory

    /// The authority's certificate.
    public var authority: String { directory.appending("ca.pem") }
    /// The server's certificate and key.
    public var server: (certificate: String, key: String) { pair("server") }
    /// The client's certificate and key.
    public var client: (certificate: String, key: String) { pair("client") }
    /// The client's key and certificate in one file, as Java wants them.
    public var clientStore: String { directory.appending("client.store") }

    /// What the broker is given to speak TLS.
    public var environment: [String: String] {
        ["TLS_CERT": server.certificate, "TLS_KEY": server.key, "TLS_CLIENT_CA": authority]
    }

    /// Makes all files.
    public init() async throws {
        directory = try TemporaryDirectory()
        try await run(
            """
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 \
                -subj '/CN=Test authority' -addext basicConstraints=critical,CA:TRUE
            printf 'subjectAltName=IP:127.0.0.1,DNS:localhost' > names
            """
        )
        try await issue("server", subject: "/CN=localhost")
        try await issue("client", subject: "/O=Example/CN=billing")
        try await run("cat client.key client.pem > client.store")
    }

    /// Gives the server another certificate, in the same files.
    public func renew() async throws {
        try await issue("renewed", subject: "/CN=renewed")
        // The key first: between the two, neither fits the other, which is for the server to bear.
        try await run("mv renewed.key server.key; mv renewed.pem server.pem")
    }

    private func pair(_ name: String) -> (certificate: String, key: String) {
        (directory.appending("\(name).pem"), directory.appending("\(name).key"))
    }

    private func issue(_ name: String, subject: String) async throws {
        try await run(
            """
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout \(name).key -out \(name).csr \
                -subj '\(subject)'
            openssl x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names \
                -out \(name).pem
            """
        )
    }

    private func run(_ script: String) async throws {
        let result = try await Command.run("sh", ["-ec", "cd '\(directory.path)'\n\(script)"])
        guard result.status.isSuccess else { throw Timeout(description: "openssl: \(result.output)") }
    }
}
